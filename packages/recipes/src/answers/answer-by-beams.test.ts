/** The best answer under a value model, question by question. */
import type { Candidate, Policy, ValueModel } from '@svo/mdp';
import { expect, test } from 'vitest';
import { answerByBeams } from './answer-by-beams.ts';

const verifier = ({ answer }: { answer?: string }, response: string) => ({
  equivalent: response.endsWith(answer ?? ''),
  how: 'end',
});
/** Two ways on, then the letter that the way has. */
const policy: Policy = {
  id: 'ways',
  propose: async ({ state }) =>
    state.steps.length === 0
      ? ['x.', 'y.'].map((text) => ({ text, count: 1, finish: 'step' }))
      : [{ text: state.steps[0]![0]!.toUpperCase(), count: 1, finish: 'answer' }],
};
/** Likes y. */
const valueModel: ValueModel = {
  id: 'y',
  values: async (states) => states.map(({ state }) => (/y/i.test(state.steps.join('')) ? 1 : 0)),
};
const questions = ['Y', 'X', 'Y'].map((answer, i) => ({ id: `${i}`, prompt: '?', answer }));
const found = async (options: Partial<Parameters<typeof answerByBeams>[0]> = {}) => {
  const all = [];
  for await (const one of answerByBeams({ policy, valueModel, questions, verifier, ...options })) all.push(one);
  return all;
};

test('each question has one answer, the value model’s choice, in the questions’ order', async () => {
  const answers = await found();
  expect(answers.map(({ question }) => question.id)).toEqual(['0', '1', '2']);
  const one = { response: 'y.Y', count: 1, finished: true };
  expect(answers.map((answered) => answered.answers)).toEqual([
    [{ ...one, right: true }],
    [{ ...one, right: false }],
    [{ ...one, right: true }],
  ]);
  expect(await found({ together: 2 })).toEqual(answers);
});

test('no end within the depth is an answer that is cut off; draws that a server lost are none', async () => {
  expect((await found({ depth: 1 }))[0]!.answers).toEqual([
    { response: 'y.', count: 1, right: false, finished: false },
  ]);
  const failure = { kind: 'timeout', message: 'late' } as const;
  const gone: Policy = {
    id: 'gone',
    propose: async (): Promise<Candidate[]> => [{ text: '', count: 1, finish: 'error', failure }],
  };
  expect((await found({ policy: gone }))[0]).toMatchObject({ answers: [], lost: 1 });
});

test('counts and names are checked', async () => {
  await expect(found({ together: 0 })).rejects.toThrow(/answerByBeams: together must be/);
  await expect(found({ beams: 1.5 })).rejects.toThrow(/beams must be/);
  await expect(found({ width: 3 } as never)).rejects.toThrow(/answerByBeams: .*width/);
  const verifier = () => ({ equivalent: 'yes' });
  await expect(found({ verifier } as never)).rejects.toThrow(/answerByBeams: verifier must return .* got "yes"/);
});
