import { expect, test } from 'vitest';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { statePrompts } from './state-prompts.ts';

const tokenizer = characterTokenizer('ab\n');
const question = { id: 'q', prompt: 'a\n' };

test('bos, prompt and steps, piece by piece', () => {
  const idsOf = statePrompts(tokenizer);
  expect(idsOf({ question, state: { questionId: 'q', steps: ['b\n', 'ab'] } })).toEqual([1, 4, 6, 5, 6, 4, 5]);
  expect(idsOf({ question: { id: 'q', prompt: '<bos>a' }, state: { questionId: 'q', steps: [] } })).toEqual([1, 4]);
});

test('no bos where the tokenizer has none', () => {
  const { bosId: _, ...without } = tokenizer;
  expect(statePrompts(without)({ question, state: { questionId: 'q', steps: [] } })).toEqual([4, 6]);
});

test('each text is encoded once', () => {
  const encoded: string[] = [];
  const counting: Tokenizer = {
    ...tokenizer,
    encode: (text) => {
      encoded.push(text);
      return tokenizer.encode(text);
    },
  };
  const idsOf = statePrompts(counting);
  const state = { questionId: 'q', steps: ['b\n', 'b\n'] };
  expect(idsOf({ question, state })).toEqual(idsOf({ question, state }));
  expect(encoded).toEqual(['a\n', 'b\n']);
});

test('a state of another question is an error', () => {
  expect(() => statePrompts(tokenizer)({ question, state: { questionId: 'r', steps: [] } })).toThrow(
    /must belong to question 'q', got 'r'/,
  );
});
