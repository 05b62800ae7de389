import { expect, test } from 'vitest';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { wordTokenizer } from '../tokenizer/word-tokenizer.ts';
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

test('a drawn step is read as it was drawn, where its ids spell it here', () => {
  const words = wordTokenizer({ words: ['a', 'b', 'ab', '\n'], pattern: 'ab|[\\s\\S]' });
  const idsOf = statePrompts(words);
  const draw = (tokenIds: number[]) => ({ tokenIds, logps: tokenIds.map(() => -1) });
  const idsWith = (tokenIds: number[]) =>
    idsOf({ question, state: { questionId: 'q', steps: ['ab'], draws: [draw(tokenIds)] } }).slice(3);
  // 'ab' is one token (6) when encoded, and was drawn as two.
  expect(idsOf({ question, state: { questionId: 'q', steps: ['ab'] } }).slice(3)).toEqual([6]);
  expect(idsWith([4, 5])).toEqual([4, 5]);
  // The id that ended it is no part of the text; ids of another tokenizer are not taken.
  expect(idsWith([4, 5, words.eosId!])).toEqual([4, 5]);
  expect(idsWith([5, 4])).toEqual([6]);
});
