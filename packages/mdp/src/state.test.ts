import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blankLineFormat } from './formats/blank-line.ts';
import { initialState, isTerminal, renderPrefix, transition } from './state.ts';
import { codeUnits } from './test-support/texts.ts';

const question = { id: 'q', prompt: 'What is 2 + 3?\n' };
const steps = fc.array(codeUnits(1, 10));

test('transitions are deterministic, append, and leave the state before as it was', () => {
  fc.assert(
    fc.property(steps, fc.string({ minLength: 1 }), (before, step) => {
      const state = Object.freeze({ questionId: 'q', steps: Object.freeze(before) });
      expect(transition(state, step)).toEqual({ questionId: 'q', steps: [...before, step] });
      expect(transition(state, step)).toEqual(transition(state, step));
      expect(state.steps).toBe(before);
    }),
  );
});

test('the prefix is the prompt and every step, byte for byte', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const state = taken.reduce(transition, initialState(question));
      expect(renderPrefix(question, state)).toBe(question.prompt + taken.join(''));
    }),
  );
});

test('terminal: by the format, or at the depth limit; never at the start', () => {
  const start = initialState(question);
  const middle = transition(start, '2 + 3 = 5\n\n');
  const end = transition(middle, 'Final Answer: 5');
  expect([start, middle, end].map((state) => isTerminal(state, blankLineFormat))).toEqual([false, false, true]);
  expect([start, middle, end].map((state) => isTerminal(state, blankLineFormat, 1))).toEqual([false, true, true]);
});

test('an empty step and a foreign state are errors', () => {
  expect(() => transition(initialState(question), '')).toThrow('transition: step must not be empty');
  expect(() => renderPrefix(question, { questionId: 'other', steps: [] })).toThrow(
    "must belong to question 'q', got 'other'",
  );
});
