import {
  assertCounts,
  assertOptions,
  createRng,
  initialState,
  integer,
  type Policy,
  type Question,
  type State,
  splitRng,
  type ValueModel,
} from '@svo/mdp';
import { defaults } from '../defaults.ts';
import { following } from '../search/ask/candidates.ts';
import { faultOf, isLoss, NO_CANDIDATES } from '../search/tell/faults.ts';
import { mergeCandidates } from '../search/tell/merge.ts';
import { noUsage } from '../tree/tree.ts';
import { type Decoded, estimates, type Response, rankResponses, responseOf } from './decoded.ts';
import { draw } from './draw.ts';

/** What step-level beam search needs. */
export interface StepBeamSearchOptions {
  readonly question: Question;
  readonly policy: Policy;
  /** Ranks the prefixes. */
  readonly valueModel: ValueModel;
  /** B1, prefixes kept: 1. */
  readonly beams?: number;
  /** B2, continuations drawn of each: 5. */
  readonly samples?: number;
  /** The most steps of a response: 8. */
  readonly depth?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/**
 * Step-level beam search SBS(B1, B2) (SVPO, section 3.3; AlphaMath): draws B2 next steps of each prefix, keeps the B1
 * prefixes a value model finds best among all of them, and so on. A kept prefix that ends in an answer leaves the beam as a
 * response and narrows it by one. Equal continuations are ranked once; one that was cut off leads nowhere, and comes after
 * all others, whatever its value. A prefix all of whose draws a server's faults kept from coming, three times in a row, is
 * `lost`.
 *
 * @returns responses by value; those that the depth or a failure ended before an answer come last
 * @throws RangeError when a setting is no positive integer, or the value model gives something else than numbers
 * @example
 * ```ts
 * import type { Policy, ValueModel } from '@svo/mdp';
 * import { stepBeamSearch } from '@svo/mcts';
 * const policy: Policy = {
 *   id: 'two steps',
 *   propose: async ({ state }) =>
 *     ['a', 'b', 'c'].map((text) => ({ text, count: 1, finish: state.steps.length === 0 ? 'step' : 'answer' })),
 * };
 * const values: ValueModel['values'] = async (states) => states.map(({ state }) => state.steps.filter((step) => step === 'b').length);
 * const valueModel: ValueModel = { id: 'counts b', values };
 * const question = { id: 'q', prompt: '?' };
 * const { best, cost } = await stepBeamSearch({ question, policy, valueModel, beams: 3, samples: 3 });
 * [best!.text, best!.score, cost.requests]; // => ['bb', 2, 4]
 * ```
 */
export async function stepBeamSearch(options: StepBeamSearchOptions): Promise<Decoded> {
  assertOptions('stepBeamSearch', options, [
    'question',
    'policy',
    'valueModel',
    'beams',
    'samples',
    'depth',
    'seed',
    'signal',
  ]);
  const {
    question,
    policy,
    valueModel,
    beams = 1,
    samples = defaults.breadth,
    depth = defaults.depth,
    seed = 0,
    signal,
  } = options;
  assertCounts('stepBeamSearch', { beams, samples, depth });
  const rng = splitRng(splitRng(createRng(seed), 'beams'), question.id);
  const done: Response[] = [];
  let prefixes: State[] = [initialState(question)];
  const lost: Response[] = [];
  const cost = noUsage();
  const asked = { caller: 'stepBeamSearch', policy, signal };
  for (let t = 0; t < depth && prefixes.length > 0; t++) {
    const requests = prefixes.map((state) => ({
      question,
      state,
      count: samples,
      seed: integer(splitRng(rng, JSON.stringify(state.steps)), 2 ** 32)[0],
    }));
    const drawn = await draw(asked, requests, cost);
    const answers = drawn.map((candidates, row) => {
      const merged = mergeCandidates(candidates);
      return { prefix: prefixes[row]!, candidates: merged, faults: merged.map(faultOf) };
    });
    const steps = answers.flatMap(({ prefix, candidates, faults }) =>
      candidates
        .filter((_, k) => faults[k] === undefined)
        .map((candidate) => ({
          state: following(prefix, candidate),
          finish: candidate.finish,
        })),
    );
    for (const { prefix, faults } of answers) {
      if (faults.includes(undefined)) continue;
      const own = faults.find((fault) => fault !== undefined && !isLoss(fault));
      if (own === undefined) lost.push(responseOf(prefix, false, Number.NaN, faults[0] ?? NO_CANDIDATES));
      else done.push(responseOf(prefix, false, Number.NEGATIVE_INFINITY, own));
    }
    const states = steps.map(({ state }) => state);
    const values = await estimates('stepBeamSearch', valueModel, question, states, signal);
    cost.estimates += steps.length;
    const finished = done.filter((response) => response.finished).length;
    const kept = steps
      .map((step, row) => ({ ...step, value: values[row]! }))
      .sort((a, b) => Number(a.finish === 'length') - Number(b.finish === 'length') || b.value - a.value)
      .slice(0, beams - finished);
    prefixes = [];
    for (const { state, finish, value } of kept) {
      if (finish === 'step' && t + 1 < depth) prefixes.push(state);
      else done.push(responseOf(state, finish === 'answer', value, undefined));
    }
  }
  const responses = rankResponses(done);
  return { best: responses[0], responses, lost, cost };
}
