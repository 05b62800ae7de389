import { createRng, splitRng } from '@svo/mdp';
import { mathVerifier } from '@svo/verify';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawSkippedSteps, stepKinds } from './skipped-steps.ts';
import { skippedStepsTask } from './skipped-steps-task.ts';

const worked = fc.integer({ min: 0, max: 2 ** 31 }).map((seed) => drawSkippedSteps(createRng(seed), 'q'));

/** The question read left to right, every result taken modulo 7: written apart from the task's own arithmetic. */
const workedOut = (prompt: string): number => {
  const [first, ...rest] = prompt
    .trim()
    .replace('?', '')
    .match(/[-+*]?\d/g)!;
  return rest.reduce((result, term) => {
    const by = Number(term[1]);
    const raw = term[0] === '+' ? result + by : term[0] === '-' ? result - by : result * by;
    return ((raw % 7) + 7) % 7;
  }, Number(first));
};

test('a worked solution is right in every step, and ends with the answer of its question', () => {
  fc.assert(
    fc.property(worked, ({ question, solution }) => {
      expect(question.answer).toBe(String(workedOut(question.prompt)));
      expect(mathVerifier(question, solution.join('')).equivalent).toBe(true);
      const kinds = stepKinds(question, solution);
      expect(kinds.length).toBe(solution.length - 1);
      expect(kinds.every(({ right }) => right)).toBe(true);
      const operations = kinds.reduce((sum, { kind }) => sum + (kind === 'merged' ? 2 : 1), 0);
      expect(operations).toBe(question.prompt.match(/[-+*]/g)!.length);
    }),
  );
});

test('three to five operations; six steps in ten that could be merged are', () => {
  const rng = createRng(1);
  const drawn = Array.from({ length: 3000 }, (_, i) => drawSkippedSteps(splitRng(rng, i), 'q'));
  const lengths = drawn.map(({ question }) => question.prompt.match(/[-+*]/g)!.length);
  expect([...new Set(lengths)].toSorted()).toEqual([3, 4, 5]);
  let could = 0;
  let merged = 0;
  for (const [i, { question, solution }] of drawn.entries()) {
    let left = lengths[i]!;
    for (const { kind } of stepKinds(question, solution)) {
      if (left > 1) could++;
      if (kind === 'merged') merged++;
      left -= kind === 'merged' ? 2 : 1;
    }
  }
  expect(Math.abs(merged / could - 0.6)).toBeLessThan(4 * Math.sqrt((0.6 * 0.4) / could));
});

test('a slip is counted once, at the step that makes it; what is no step of the question is told apart', () => {
  const prompt = '2*2+4-1?\n\n';
  const kinds = (...steps: string[]) => stepKinds({ prompt }, [...steps, 'Final Answer: 2']);
  const plain = (right: boolean) => ({ kind: 'plain', right });
  const merged = (right: boolean) => ({ kind: 'merged', right });
  const other = { kind: 'other', right: false };
  expect(kinds('2*2=4\n\n', '4+4=1\n\n', '1-1=0\n\n')).toEqual([plain(true), plain(true), plain(true)]);
  expect(kinds('2*2+4=3\n\n', '3-1=2\n\n')).toEqual([merged(false), plain(true)]);
  expect(kinds('2*2=3\n\n', '3+4-1=6\n\n')).toEqual([plain(false), merged(true)]);
  expect(kinds('2*3=6\n\n', '2*2=4\n\n')).toEqual([other, plain(true)]);
  expect(kinds('2*2+4-1+3=0\n\n', 'well', '=4', '2*2=9\n\n')).toEqual([other, other, other, plain(false)]);
});

test('test, gate and searched questions are different, and no writer solved one of them', () => {
  const sizes = { seed: 3, rounds: 2, questions: 50, testQuestions: 80 };
  const { solutions, questions, test: unseen, base } = skippedStepsTask(sizes);
  const asked = [...questions, ...unseen, ...base.gate!.questions].map(({ prompt }) => prompt);
  expect(new Set(asked).size).toBe(100 + 80 + 300);
  const solved = new Set(solutions.map(({ question }) => question.prompt));
  expect(asked.some((prompt) => solved.has(prompt))).toBe(false);
  expect(skippedStepsTask({ ...sizes, rounds: 1 }).test).toEqual(unseen);
});
