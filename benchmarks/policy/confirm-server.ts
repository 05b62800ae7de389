/**
 * Streaming, stop strings, `n`, seeds, log-probs and the scoring of given steps on a real server, each as a yes or no:
 * against the other shapes of request, and against the same weights in our own model.
 */
import { blankLineFormat, type Candidate, type Question } from '@svo/mdp';
import { llamaScorer, type OpenaiPolicyOptions, openaiPolicy, openaiValueModel, PolicyError } from '@svo/policy';
import type { OwnModel } from './own-model.ts';

type ServerOptions = Omit<OpenaiPolicyOptions, 'format' | 'prompt'>;

/** What holds, by what it is, and how the scoring went. */
export interface Confirmed {
  readonly held: Readonly<Record<string, boolean>>;
  readonly scoring: Readonly<Record<string, number>>;
}

const maxTokens = 40;
/** The server keeps keys and values in half precision. */
const nearToken = 2e-3;
const nearStep = 1e-2;

/** Asks the server everything, over one question. */
export async function confirmServer(question: Question, options: ServerOptions, own: OwnModel): Promise<Confirmed> {
  const start = { questionId: question.id, steps: [] };
  const held: Record<string, boolean> = {};
  const seen = new Set<string>();
  for (const endpoint of ['completions', 'chat'] as const) {
    for (const stream of [false, true]) {
      const name = `${endpoint}${stream ? ', streaming' : ''}`;
      const policy = openaiPolicy({ ...options, format: blankLineFormat, maxTokens, endpoint, stream });
      const draw = (seed: number): Promise<readonly Candidate[]> =>
        policy.propose({ question, state: start, count: 6, seed });
      const [drawn, again, other] = [await draw(5), await draw(5), await draw(6)];
      seen.add(textsOf(drawn));
      held[`${name}: n = 6 gives six`] = drawn.length === 6 && drawn.every(({ failure }) => failure === undefined);
      held[`${name}: stops at the step's end`] = drawn.every(isOneStep);
      held[`${name}: the same seed, the same steps`] = textsOf(drawn) === textsOf(again);
      held[`${name}: another seed, others`] = textsOf(drawn) !== textsOf(other);
      held[`${name}: log-probs are our model's`] = (await own.largestDifference(question, drawn)) < nearToken;
    }
  }
  held['streamed and whole replies, completions and chat agree'] = seen.size === 1;

  const states = await givenStates(question, options);
  const scorer = llamaScorer(options);
  const began = performance.now();
  const scores = await scorer.score(states.map((steps) => ({ question, state: { ...start, steps } })));
  const milliseconds = performance.now() - began;
  const tokens = scores.reduce((sum, score) => sum + score.tokens, 0);
  let largestDifferenceToOurs = 0;
  for (const [row, { logps }] of scores.entries()) {
    const ours = await own.score(question, states[row]!);
    logps.forEach((logp, at) => {
      largestDifferenceToOurs = Math.max(largestDifferenceToOurs, Math.abs(logp - ours[at]!));
    });
  }
  held['scoring of given steps: all of them'] = scores.every(({ logps }, row) => logps.length === states[row]!.length);
  held["scoring of given steps: our model's log-probs"] = largestDifferenceToOurs < nearStep;
  const scoring = { states: states.length, tokens, millisecondsAToken: milliseconds / tokens, largestDifferenceToOurs };
  return { held, scoring };
}

const textsOf = (drawn: readonly Candidate[]): string => JSON.stringify(drawn.map(({ text }) => text));

const isOneStep = ({ text, finish }: Candidate): boolean => {
  const { delimiter } = blankLineFormat;
  return (
    finish === 'answer' || (text.endsWith(delimiter) && text.indexOf(delimiter) === text.length - delimiter.length)
  );
};

/** Trajectories to score: what the server itself wrote, step after step, and two that it would hardly write. */
async function givenStates(question: Question, options: ServerOptions): Promise<string[][]> {
  const policy = openaiPolicy({ ...options, format: blankLineFormat, maxTokens });
  const states: string[][] = [
    ['1 + 8 = 9\n\n', 'Final Answer: 9'],
    ['Ä 🙂\n\n', '7\n\n'],
  ];
  for (let seed = 0; seed < 6; seed++) {
    const steps: string[] = [];
    for (let t = 0; t < 4; t++) {
      const state = { questionId: question.id, steps };
      const [candidate] = await policy.propose({ question, state, count: 1, seed: seed + 100 * t });
      if (candidate === undefined || candidate.failure !== undefined) break;
      steps.push(candidate.text);
      if (candidate.finish !== 'step') break;
    }
    states.push(steps);
  }
  return states;
}

/** Values by `/v1/embeddings`: a model with a value head puts one number there, this one a vector, whose last is taken. */
export async function confirmValues(
  question: Question,
  options: ServerOptions,
): Promise<{ readonly held: Readonly<Record<string, boolean>>; readonly values: readonly number[] }> {
  const valueModel = openaiValueModel({ ...options, endpoint: 'embeddings' });
  const requests = [[], ['1 + 1 = 2\n\n'], ['1 + 1 = 2\n\n', 'Final Answer: 2']].map((steps) => ({
    question,
    state: { questionId: question.id, steps },
  }));
  const values = await valueModel.values(requests);
  const singly: number[] = [];
  for (const request of requests) singly.push(...(await valueModel.values([request])));
  const refused = await openaiValueModel({ ...options, apiKey: 'sk-wrong-key-991', endpoint: 'embeddings' })
    .values(requests)
    .catch((error: unknown) => error);
  return {
    held: {
      'values: a finite number for each state': values.length === 3 && values.every(Number.isFinite),
      'values: different states, different numbers': new Set(values).size === 3,
      'values: alone as in a batch': values.every((value, at) => Math.abs(value - singly[at]!) < nearToken),
      'values: a wrong key is a PolicyError': PolicyError.isInstance(refused) && refused.failure.kind === 'refused',
    },
    values,
  };
}
