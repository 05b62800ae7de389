/** Search, policy and a server that misbehaves, together: nothing lost, nothing hung, and with retries nothing changed. */
import { dvoSearch, saveTree, searchMany, treeSummary } from '@svo/mcts';
import { blankLineFormat, type Policy } from '@svo/mdp';
import { openaiPolicy, withConcurrency, withRetry } from '@svo/policy';
import { everyFault, type Fault, fakeServer, plantedTree, servedTree } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';

const tree = plantedTree({ seed: 3, branching: 4, depth: 4, minDepth: 2 });
const questions = Array.from({ length: 6 }, (_, index) => tree.question(index));
const rules = dvoSearch({ verifier: tree.verifier, iterations: 10, breadth: 3 });

/** Searches over HTTP; request i meets `faults[i]`, over and over. */
async function searched(
  faults: readonly (Fault | undefined)[],
  wrap: (policy: Policy) => Policy,
  timeoutMs = 30_000,
): Promise<{ bytes: Record<string, string>; lost: number; candidates: number; failed: number }> {
  const server = await fakeServer({
    model: servedTree(tree, { meanTokens: 5, runaway: 0 }),
    faults: ({ index }) => faults[index % faults.length],
  });
  const url = server.url;
  const policy = wrap(openaiPolicy({ url, model: 'tree', format: blankLineFormat, timeoutMs, maxBytes: 200_000 }));
  const bytes: Record<string, string> = {};
  let [lost, candidates, failed] = [0, 0, 0];
  const watched: Policy = {
    id: policy.id,
    propose: async (request, signal) => {
      const answer = await policy.propose(request, signal);
      for (const { count, failure } of answer) {
        candidates += count;
        if (failure !== undefined) failed += count;
      }
      return answer;
    },
  };
  for await (const record of searchMany({ questions, policy: watched, rules, seed: 5, trees: 4 })) {
    if (record.kind !== 'tree') continue;
    bytes[record.question.id] = Buffer.from(saveTree(record.tree)).toString('base64');
    lost += treeSummary(record.tree).outcomes.lost;
  }
  await server.close();
  return { bytes, lost, candidates, failed };
}

describe('a search over HTTP', () => {
  const passing: Fault[] = [
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429, retryAfter: '0' },
    { kind: 'cut' },
    { kind: 'malformed' },
    { kind: 'html' },
    { kind: 'empty' },
    { kind: 'nan-logps' },
    { kind: 'hang' },
  ];

  it('grows the same trees, byte for byte, whatever passing faults the server has, when they are tried again', async () => {
    const clean = await searched([undefined], (policy) => policy);
    expect(clean).toMatchObject({ lost: 0, failed: 0 });
    const faulty = passing.flatMap((fault) => [fault, undefined, undefined]);
    const again = await searched(
      faulty,
      (policy) => withRetry(withConcurrency(policy, 3), { baseMs: 1, attempts: 8 }),
      1000,
    );
    expect(again.failed).toBe(0);
    expect(again.bytes).toEqual(clean.bytes);
  });

  it('ends with every tree, and every draw accounted for, when faults of all kinds are never tried again', async () => {
    const all = await searched([...everyFault, undefined, undefined], (policy) => policy, 400);
    expect(Object.keys(all.bytes).sort()).toEqual(questions.map(({ id }) => id).sort());
    expect(all.failed).toBeGreaterThan(0);
    expect(all.candidates % rules.breadth).toBe(0);
    expect(all.lost).toBeGreaterThan(0);
  });
});
