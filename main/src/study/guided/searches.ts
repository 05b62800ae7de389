/** Ways to an answer by the same policy and verifier, each with about as many steps drawn: those of sixteen responses. */
import {
  abMcts,
  bestOfN,
  type Decoded,
  mixedModel,
  particleFilter,
  sampleResponses,
  stepBeamSearch,
  weightedVote,
} from '@svo/mcts';
import type { Policy, Question, ValueModel } from '@svo/mdp';
import { extractAnswer, isEquivalent } from '@svo/verify';

/** What every search is given. */
export interface Search {
  readonly question: Question;
  readonly policy: Policy;
  /** Chances of being right. */
  readonly valueModel: ValueModel;
  readonly depth: number;
  readonly seed: number;
}

/** What a search answers, and how many steps it drew. */
export interface Found {
  readonly text: string;
  readonly steps: number;
}

const responses = 16;
/** Steps of sixteen responses, about: four each. */
const iterations = 64;

const found = ({ best, cost }: Decoded): Found => ({ text: best?.text ?? '', steps: cost.candidates });

/** Sixteen responses, and the one whose answer wins a vote weighed by `weigh`. */
async function voted(
  search: Search,
  weigh: (texts: readonly Decoded['responses'][number][]) => Promise<readonly number[]>,
): Promise<Found> {
  const { valueModel: _, ...drawing } = search;
  const { responses: all, cost } = await sampleResponses({ ...drawing, count: responses });
  const answers = all.map(({ text, finished }) => (finished ? extractAnswer(text) : undefined));
  const { rows } = weightedVote(answers, await weigh(all), { same: (a, b) => isEquivalent(a, b).equivalent === true });
  return { text: rows[0] === undefined ? '' : all[rows[0]]!.text, steps: cost.candidates };
}

const scored =
  ({ question, valueModel }: Search) =>
  (all: readonly Decoded['responses'][number][]): Promise<readonly number[]> =>
    valueModel.values(all.map(({ steps }) => ({ question, state: { questionId: question.id, steps } })));

/** Every way by its name, as the table has them. */
export const searches: Readonly<Record<string, (search: Search) => Promise<Found>>> = {
  'one response': async ({ valueModel: _, ...search }) => found(await sampleResponses({ ...search, count: 1 })),
  'majority of 16': (search) => voted(search, async (all) => all.map(() => 1)),
  'vote of 16, weighed by the verifier': (search) => voted(search, scored(search)),
  'best of 16 by the verifier': async (search) => found(await bestOfN({ ...search, count: responses })),
  'step beams, 4 × 4': async (search) => found(await stepBeamSearch({ ...search, beams: 4, samples: 4 })),
  'particle filter, 16': async (search) =>
    found(await particleFilter({ ...search, particles: responses, logWeight: (p) => Math.log(p / (1 - p)) })),
  'AB-MCTS-A, 64 steps': async (search) => found(await abMcts({ ...search, iterations, parallel: 8 })),
  'AB-MCTS-M, 64 steps': async (search) =>
    found(await abMcts({ ...search, iterations, parallel: 8, branching: mixedModel() })),
};
