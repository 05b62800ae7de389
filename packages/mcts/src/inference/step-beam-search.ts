import {
  createRng,
  initialState,
  integer,
  type Policy,
  type Question,
  type State,
  splitRng,
  transition,
  type ValueModel,
} from '@svo/mdp';
import { answerMany, untilAborted } from '../search/answer.ts';
import { mergeCandidates } from '../search/merge.ts';
import {
  type Cost,
  type Decoded,
  estimates,
  NO_COST,
  type Response,
  rankResponses,
  responseOf,
  withAnswers,
} from './decoded.ts';

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
 * all others, whatever its value.
 *
 * @returns responses by value; those that the depth or a failure ended before an answer come last
 * @throws RangeError when a setting is no positive integer, or the value model gives something else than numbers
 * @example
 * ```ts
 * import { stepBeamSearch } from '@svo/mcts';
 * const policy = {
 *   id: 'two steps',
 *   propose: async ({ state }) =>
 *     ['a', 'b', 'c'].map((text) => ({ text, count: 1, finish: state.steps.length === 0 ? 'step' : 'answer' })),
 * };
 * const values = async (states) => states.map(({ state }) => state.steps.filter((step) => step === 'b').length);
 * const valueModel = { id: 'counts b', values };
 * const question = { id: 'q', prompt: '?' };
 * const { best, cost } = await stepBeamSearch({ question, policy, valueModel, beams: 3, samples: 3 });
 * [best.text, best.score, cost.requests]; // => ['bb', 2, 4]
 * ```
 */
export async function stepBeamSearch(options: StepBeamSearchOptions): Promise<Decoded> {
  const { question, policy, valueModel, beams = 1, samples = 5, depth = 8, seed = 0, signal } = options;
  for (const [name, value] of Object.entries({ beams, samples, depth })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`stepBeamSearch: ${name} must be a positive integer, got ${value}`);
    }
  }
  const rng = splitRng(splitRng(createRng(seed), 'beams'), question.id);
  const done: Response[] = [];
  let prefixes: State[] = [initialState(question)];
  let cost: Cost = NO_COST;
  for (let t = 0; t < depth && prefixes.length > 0; t++) {
    const requests = prefixes.map((state) => ({
      question,
      state,
      count: samples,
      seed: integer(splitRng(rng, JSON.stringify(state.steps)), 2 ** 32)[0],
    }));
    const drawn = await untilAborted(answerMany(policy, undefined, requests, signal), signal);
    const answers = drawn.map(({ candidates }, row) => ({
      prefix: prefixes[row]!,
      candidates: mergeCandidates(candidates),
      raw: candidates,
    }));
    const steps = answers.flatMap(({ prefix, candidates }) =>
      candidates
        .filter(({ finish, text }) => finish !== 'error' && text !== '')
        .map((candidate) => ({
          state: transition(prefix, candidate.text),
          finish: candidate.finish,
        })),
    );
    for (const { prefix, candidates } of answers) {
      const failure = candidates.find((candidate) => candidate.failure !== undefined)?.failure;
      const dead = candidates.every(({ finish, text }) => finish === 'error' || text === '');
      if (dead) done.push(responseOf(prefix, false, Number.NEGATIVE_INFINITY, failure));
    }
    const states = steps.map(({ state }) => state);
    const values = await estimates('stepBeamSearch', valueModel, question, states, signal);
    cost = withAnswers(
      cost,
      answers.map(({ raw }) => ({ candidates: raw, values: undefined })),
    );
    cost = { ...cost, estimates: cost.estimates + steps.length };
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
  return { best: responses[0], responses, cost };
}
