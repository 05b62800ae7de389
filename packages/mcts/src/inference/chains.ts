import { type Candidate, type Failure, integer, type Question, type Rng, type State, splitRng } from '@svo/mdp';
import type { Asked } from '../search/ask/answer.ts';
import { isLoss } from '../search/tell/faults.ts';
import type { Usage } from '../tree/tree.ts';
import { draw } from './draw.ts';
import { stepped } from './stepped.ts';

/** Where a response goes on from, and the stream that draws it. */
export interface ChainStart {
  readonly state: State;
  readonly rng: Rng;
}

/** A response as it was drawn, step after step. */
export interface Chain {
  /** Which of the starts it is from. */
  readonly start: number;
  readonly state: State;
  /** The sum of its tokens' log-probs from the start on, NaN where the policy gives none, and how many tokens. */
  readonly logps: number;
  readonly tokens: number;
  readonly finished: boolean;
  /** Whether its last step ran out of tokens. */
  readonly cut: boolean;
  /** Whether a server's fault ended it: it says nothing of the state. */
  readonly lost: boolean;
  readonly failure?: Failure;
}

/**
 * Draws one response from each start, step by step until an answer, a failure, or `depth` steps in all; those that are still
 * going share each batch. What was spent is added to `cost`.
 *
 * @returns chains in the order in which they ended
 */
export async function drawChains(
  asked: Asked,
  question: Question,
  starts: readonly ChainStart[],
  depth: number,
  cost: Usage,
): Promise<Chain[]> {
  const done: Chain[] = [];
  let going = starts.map(
    ({ state }, start): Chain => ({ start, state, logps: 0, tokens: 0, finished: false, cut: false, lost: false }),
  );
  while (going.length > 0) {
    const requests = going.map(({ start, state }) => ({
      question,
      state,
      count: 1,
      seed: integer(splitRng(starts[start]!.rng, state.steps.length), 2 ** 32)[0],
    }));
    const drawn = await draw(asked, requests, cost);
    const longer = going.map((chain, row) => extend(chain, drawn[row]!, depth));
    const isOver = ({ finished, failure, state }: Chain): boolean =>
      finished || failure !== undefined || state.steps.length >= depth;
    done.push(...longer.filter(isOver));
    going = longer.filter((chain) => !isOver(chain));
  }
  return done;
}

const extend = (chain: Chain, candidates: readonly Candidate[], depth: number): Chain => {
  const { state, finished, failure } = stepped(chain.state, candidates, depth);
  // No step came.
  if (state === chain.state) return { ...chain, failure: failure!, lost: isLoss(failure!) };
  const { logps, finish } = candidates[0]!;
  return {
    start: chain.start,
    state,
    logps: chain.logps + (logps ?? [Number.NaN]).reduce((sum, logp) => sum + logp, 0),
    tokens: chain.tokens + (logps?.length ?? 1),
    finished,
    cut: finish === 'length',
    lost: false,
    ...(failure && { failure }),
  };
};
