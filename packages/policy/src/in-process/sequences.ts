/** The sequences of a context, lent out one a request. */
import type { LlamaContext, LlamaSequence } from './llama-context.ts';

const pools = new WeakMap<
  LlamaContext,
  { readonly idle: LlamaSequence[]; readonly waiting: (() => void)[]; made: number }
>();

/** Runs with a sequence of the context that has forgotten everything; waits while all are taken. */
export async function withSequence<T>(context: LlamaContext, run: (sequence: LlamaSequence) => Promise<T>): Promise<T> {
  const pool = pools.get(context) ?? { idle: [], waiting: [], made: 0 };
  pools.set(context, pool);
  while (pool.idle.length === 0 && pool.made >= context.totalSequences)
    await new Promise<void>((resolve) => pool.waiting.push(resolve));
  let sequence = pool.idle.pop();
  if (!sequence) {
    sequence = context.getSequence();
    pool.made++;
  }
  try {
    // What was read before would be read in other batches than what is read now: draws must not depend on that.
    await sequence.clearHistory();
    return await run(sequence);
  } finally {
    pool.idle.push(sequence);
    pool.waiting.shift()?.();
  }
}
