import { blankLineFormat, type Policy, type ProposeRequest } from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import { describe, expect, it } from 'vitest';
import { openaiPolicy } from '../servers/openai/openai-policy.ts';
import { withConcurrency } from './with-concurrency.ts';
import { withRetry } from './with-retry.ts';
import { withTimeout } from './with-timeout.ts';
import { createLedger, withUsage } from './with-usage.ts';

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

describe('when time is up, or the caller gives up, in the middle of a stream', () => {
  /** The first choice of a reply, whole, and nothing after it, for ever. */
  const halfAnswer: typeof fetch = async (_, init) => {
    const piece = {
      index: 0,
      text: 'so\n\n',
      finish_reason: 'stop',
      logprobs: { tokens: ['so\n\n'], token_logprobs: [-1] },
    };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ choices: [piece] })}\n\n`));
        init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
      },
    });
    return new Response(body);
  };
  const streaming = openaiPolicy({
    url: 'http://x',
    model: 'm',
    format: blankLineFormat,
    stream: true,
    fetch: halfAnswer,
  });
  const wrapped = (ledger = createLedger()): [Policy, typeof ledger] => [
    withUsage(withTimeout(withConcurrency(withRetry(streaming, { baseMs: 1 }), 4), 400), ledger),
    ledger,
  ];

  it('what was complete is kept, the rest is timed out, and the request is in the ledger', async () => {
    const [policy, ledger] = wrapped();
    const answer = await policy.propose(ask(1, 3));
    expect(answer.map(({ text, count, failure }) => [text, count, failure?.kind])).toEqual([
      ['so\n\n', 1, undefined],
      ['', 2, 'timeout'],
    ]);
    expect(ledger).toMatchObject({ calls: 1, requests: 1, completionTokens: 1, failures: { timeout: 2 } });
  });

  it('or cancelled', async () => {
    const [policy, ledger] = wrapped();
    const answer = await policy.propose(ask(1, 3), AbortSignal.timeout(200));
    expect(answer.map(({ text, count, failure }) => [text, count, failure?.kind])).toEqual([
      ['so\n\n', 1, undefined],
      ['', 2, 'cancelled'],
    ]);
    expect(ledger).toMatchObject({ calls: 1, requests: 1, completionTokens: 1, failures: { cancelled: 2 } });
  });
});
