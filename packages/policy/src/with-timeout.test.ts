import type { Policy, ProposeRequest } from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';
import { withTimeout } from './with-timeout.ts';

const tree = plantedTree({ seed: 5, branching: 3, depth: 3 });
const ask = (seed: number, count = 3): ProposeRequest => {
  const question = tree.question(seed % 4);
  return { question, state: { questionId: question.id, steps: [] }, count, seed };
};

describe('withTimeout', () => {
  it('ends a call that takes too long, and stops it below', async () => {
    let stopped = false;
    const slow: Policy = {
      id: 'slow',
      propose: (_, signal) =>
        new Promise(() => {
          signal?.addEventListener('abort', () => {
            stopped = true;
          });
        }),
    };
    const [candidate] = await withTimeout(slow, 5).propose(ask(1, 4));
    expect(candidate).toMatchObject({ count: 4, failure: { kind: 'timeout' } });
    expect(stopped).toBe(true);
  });

  it('refuses a timeout that is none', () => {
    expect(() => withTimeout(tree.policy, 0)).toThrow('withTimeout: timeoutMs must be > 0, got 0');
  });
});
