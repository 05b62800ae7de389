import { expect, it } from 'vitest';
import { weightedMeans } from './weighted-means.ts';

it('weightedMeans weigh each metric over the batches that have it, and leave out what says NaN', () => {
  const metrics = [
    { name: 'loss', value: 1, weight: 3 },
    { name: 'loss', value: 5, weight: 1 },
    { name: 'kl', value: 2, weight: 1 },
    { name: 'values/explained_variance', value: Number.NaN, weight: 3 },
    { name: 'values/explained_variance', value: 0.5, weight: 1 },
    { name: 'values/none', value: Number.NaN, weight: 1 },
  ];
  expect(weightedMeans(metrics)).toEqual({
    loss: 2,
    kl: 2,
    'values/explained_variance': 0.5,
    'values/none': Number.NaN,
  });
  expect(weightedMeans([...metrics, { name: 'loss', value: Number.NaN, weight: 1 }]).loss).toBeNaN();
});
