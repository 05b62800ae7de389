import { createRng, initialState, type Policy, type Question, splitRng, type Verifier } from '@svo/mdp';
import { defaults } from '../defaults.ts';
import { type Chain, type ChainStart, drawChains } from '../inference/chains.ts';
import { noUsage, type Usage } from '../tree/tree.ts';
import type { DrawnResponse } from './prefix-tree.ts';

/** What every way to estimate values needs; the way itself is chosen by the function's name. */
export interface ValueOptions {
  readonly policy: Policy;
  /** Judges whole responses. */
  readonly verifier: Verifier;
  /** The most steps of a response: 8. */
  readonly depth?: number;
  /** Draws what is drawn, with the question's id: 0. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** The names of the options that are everybody's. */
export const commonOptions: readonly (keyof ValueOptions)[] = ['policy', 'verifier', 'depth', 'seed', 'signal'];

/** Whole responses, drawn independently; a server's faults come as failures. */
export async function drawnResponses(
  caller: string,
  question: Question,
  { policy, depth = defaults.depth, seed = 0, signal }: ValueOptions,
  count: number,
): Promise<{ readonly responses: readonly DrawnResponse[]; readonly cost: Usage }> {
  const rng = splitRng(splitRng(createRng(seed), 'values'), question.id);
  const state = initialState(question);
  const starts: ChainStart[] = Array.from({ length: count }, (_, index) => ({ state, rng: splitRng(rng, index) }));
  const cost = noUsage();
  const chains = await drawChains({ caller, policy, signal }, question, starts, depth, cost);
  return { responses: chains.toSorted((a, b) => a.start - b.start).map(responseOf), cost };
}

/** A step that was cut off stands among the steps: the tree knows it by `finished`. */
function responseOf({ state: { steps, draws }, finished, cut, failure }: Chain): DrawnResponse {
  return { steps, finished, ...(draws && { draws }), ...(failure !== undefined && !cut && { failure }) };
}
