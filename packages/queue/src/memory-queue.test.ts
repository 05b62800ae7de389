import { expect, test } from 'vitest';
import { memorySearchQueue } from './memory-queue.ts';
import { queueContract } from './test-support/queue-contract.ts';

queueContract('in memory', async (options) => memorySearchQueue(options));

test('settings out of range are named', () => {
  expect(() => memorySearchQueue({ attempts: 0 })).toThrow('memorySearchQueue: attempts must be an integer ≥ 1, got 0');
  expect(() => memorySearchQueue({ backoffMs: -1 })).toThrow(
    'memorySearchQueue: backoffMs must be an integer ≥ 0, got -1',
  );
});
