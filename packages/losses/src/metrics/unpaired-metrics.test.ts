import { expect, test } from 'vitest';
import { toTensors } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { readMetrics } from '../test-support/running/read-metrics.ts';
import { unpairedMetrics } from './unpaired-metrics.ts';

const metricsOf = (labels: number[]) =>
  readMetrics(
    unpairedMetrics(toTensors({ policyLogps: [-10, -15, -4], referenceLogps: [-12, -14, -3], labels }) as never, {
      beta: 0.5,
    }),
  );

onBackend('unpairedMetrics', () => {
  test('by hand, with 0 or −1 for an undesirable completion', async () => {
    // Rewards 0.5·(2, −1, −1).
    const wanted = {
      'rewards/chosen': 1,
      'rewards/rejected': -0.5,
      'rewards/margins': 1.5,
      'logps/chosen': -10,
      'logps/rejected': -9.5,
    };
    expect(await metricsOf([1, 0, 0])).toEqual(wanted);
    expect(await metricsOf([1, -1, -1])).toEqual(wanted);
  });

  test('a batch of one class has no margin, and 0 for the absent class', async () => {
    expect(await metricsOf([0, 0, 0])).toEqual({
      'rewards/chosen': 0,
      'rewards/rejected': 0,
      'rewards/margins': 0,
      'logps/chosen': 0,
      'logps/rejected': expect.closeTo(-29 / 3, 5),
    });
  });

  test('errors: shapes and options', () => {
    const tensors = toTensors({ policyLogps: [0, 0], referenceLogps: [0, 0], labels: [1] });
    expect(() => unpairedMetrics(tensors as never)).toThrow('unpairedMetrics: labels must be');
    expect(() => unpairedMetrics({ ...tensors, labels: tensors.policyLogps } as never, { beta: 0 })).toThrow(
      'unpairedMetrics: beta must be a finite number > 0, got 0',
    );
  });
});
