import { blankLineFormat, type ProposeRequest } from '@svo/mdp';
import { fakeServer, plantedTree, toyModel } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';
import { openaiPolicy } from '../servers/openai/openai-policy.ts';
import { wireSeed } from '../servers/openai/openai-request.ts';
import { withCache } from './with-cache.ts';
import { withRetry } from './with-retry.ts';
import { createLedger, withUsage } from './with-usage.ts';

const tree = plantedTree({ seed: 5, branching: 3, depth: 3 });
/** What the server's model writes for `ask(seed)`, in tokens. */
const tokensOf = (seed: number): number => {
  const { question, count } = ask(seed);
  return Array.from({ length: count }, (_, sample) =>
    toyModel({ seed: 0 }).sample(question.prompt, { seed: wireSeed(seed, sample), maxTokens: 256, stop: ['\n\n'] }),
  ).reduce((total, { tokens }) => total + tokens.length, 0);
};
const ask = (seed: number, count = 3): ProposeRequest => {
  const question = tree.question(seed % 4);
  return { question, state: { questionId: question.id, steps: [] }, count, seed };
};

describe('withUsage', () => {
  it('counts HTTP requests, tokens, retries and failures, those of tries that came to nothing too', async () => {
    const server = await fakeServer({
      faults: ({ index }) =>
        index === 0 ? { kind: 'status', status: 503 } : index === 3 ? { kind: 'status', status: 400 } : undefined,
    });
    const ledger = createLedger();
    const bare = openaiPolicy({ url: server.url, model: 'toy', format: blankLineFormat });
    const policy = withUsage(withCache(withRetry(bare, { baseMs: 0 })), ledger);
    for (const seed of [1, 2, 1, 3]) await policy.propose(ask(seed));
    await server.close();
    // The server counts the ends of sequence too, which are no tokens of a text.
    const written = [1, 2].reduce((total, seed) => total + tokensOf(seed), 0);
    expect(ledger).toEqual({
      calls: 4,
      candidates: 12,
      failures: { refused: 3 },
      requests: 4,
      promptTokens: expect.any(Number),
      completionTokens: written,
      notes: [],
      retries: 1,
      cacheHits: 1,
    });
    expect(ledger.promptTokens).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(ledger))).toEqual(ledger);
  });

  it('counts the tokens that log-probs show where nobody else does', async () => {
    const ledger = createLedger();
    await withUsage(tree.policy, ledger).propose(ask(1, 6));
    expect(ledger).toMatchObject({ calls: 1, candidates: 6, completionTokens: 6, requests: 0 });
  });
});
