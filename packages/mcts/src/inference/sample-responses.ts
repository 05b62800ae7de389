import {
  assertOptions,
  createRng,
  type Failure,
  initialState,
  integer,
  type Policy,
  type Question,
  type State,
  splitRng,
} from '@svo/mdp';
import { following } from '../search/drawn.ts';
import { faultOf, isLoss, NO_CANDIDATES } from '../search/faults.ts';
import { noUsage } from '../tree/tree.ts';
import { type Decoded, rankResponses, responseOf } from './decoded.ts';
import { draw } from './draw.ts';

/** What sampling whole responses needs. */
export interface SampleResponsesOptions {
  readonly question: Question;
  readonly policy: Policy;
  /** How many responses. */
  readonly count: number;
  /** The most steps of a response: 8. */
  readonly depth?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

interface Chain {
  readonly state: State;
  readonly logps: number;
  readonly tokens: number;
  readonly finished: boolean;
  readonly lost: boolean;
  readonly failure?: Failure;
}

/**
 * Draws whole responses, step by step, each with streams of its own; all that are still going share each batch. Scores are
 * mean log-probs per token, NaN where the policy gives none. A draw that a server's fault kept from coming is asked for
 * again; after the third time its response is `lost`.
 *
 * @returns responses in the order of their score, finished ones first
 * @throws RangeError when `count` or `depth` is no positive integer
 * @example
 * ```ts
 * import { sampleResponses } from '@svo/mcts';
 * const policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 1, finish: 'answer' }] };
 * const { responses, cost } = await sampleResponses({ question: { id: 'a', prompt: '2 + 3?' }, policy, count: 3 });
 * [responses.length, cost.requests]; // => [3, 3]
 * ```
 */
export async function sampleResponses(options: SampleResponsesOptions): Promise<Decoded> {
  assertOptions('sampleResponses', options, ['question', 'policy', 'count', 'depth', 'seed', 'signal']);
  const { question, policy, count, depth = 8, seed = 0, signal } = options;
  requireCount('count', count);
  requireCount('depth', depth);
  const rng = splitRng(splitRng(createRng(seed), 'responses'), question.id);
  const done: Chain[] = [];
  let going = Array.from({ length: count }, (_, index) => ({
    rng: splitRng(rng, index),
    chain: { state: initialState(question), logps: 0, tokens: 0, finished: false, lost: false } as Chain,
  }));
  const cost = noUsage();
  const asked = { caller: 'sampleResponses', policy, signal };
  for (let t = 0; t < depth && going.length > 0; t++) {
    const requests = going.map(({ rng: own, chain }) => ({
      question,
      state: chain.state,
      count: 1,
      seed: integer(splitRng(own, t), 2 ** 32)[0],
    }));
    const drawn = await draw(asked, requests, cost);
    const next: typeof going = [];
    going.forEach(({ rng: own, chain }, row) => {
      const longer = extend(chain, drawn[row]!);
      if (longer.finished || longer.failure !== undefined || t + 1 === depth) done.push(longer);
      else next.push({ rng: own, chain: longer });
    });
    going = next;
  }
  const scored = done.filter((chain) => !chain.lost);
  const responses = rankResponses(
    scored.map(({ state, logps, tokens, finished, failure }) => responseOf(state, finished, logps / tokens, failure)),
  );
  const lost = done
    .filter((chain) => chain.lost)
    .map(({ state, failure }) => responseOf(state, false, Number.NaN, failure));
  return { best: responses[0], responses, lost, cost };
}

const extend = (chain: Chain, candidates: Awaited<ReturnType<Policy['propose']>>): Chain => {
  const [candidate] = candidates;
  const failure = candidate === undefined ? NO_CANDIDATES : faultOf(candidate);
  if (candidate === undefined || failure !== undefined) {
    return { ...chain, failure: failure!, lost: isLoss(failure!) };
  }
  const longer = {
    state: following(chain.state, candidate),
    logps: chain.logps + (candidate.logps ?? [Number.NaN]).reduce((sum, logp) => sum + logp, 0),
    tokens: chain.tokens + (candidate.logps?.length ?? 1),
    finished: candidate.finish === 'answer',
    lost: false,
  };
  if (candidate.finish !== 'length') return longer;
  return { ...longer, failure: { kind: 'unparsable', message: 'the step was cut off' } };
};

const requireCount = (argument: string, value: number): void => {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`sampleResponses: ${argument} must be a positive integer, got ${value}`);
  }
};
