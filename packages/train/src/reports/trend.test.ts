import { expect, it } from 'vitest';
import { median, seriesOf, trendOf } from './trend.ts';

const reports = [3, 1, Number.NaN, 2, 8, 6, 7, 5, 4, 9, 10].map((loss, i) => ({
  step: i,
  loss,
  ...(i > 8 && { late: i }),
}));

it('trendOf compares the first and last fifth of what is finite', () => {
  expect(trendOf(reports, 'loss')).toEqual({ first: 2, last: 9.5, change: 7.5, count: 10 });
  expect(trendOf(reports, 'late')).toBeUndefined();
  expect(seriesOf(reports, 'late')).toEqual([9, 10]);
  expect(median([5, 1, 3])).toBe(3);
});
