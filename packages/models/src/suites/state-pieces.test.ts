/** States as token ids, in the tokenizers of this package. */
import { readFileSync } from 'node:fs';
import { type StateTokenizer, statePieces } from '@svo/mdp';
import { expect, test } from 'vitest';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { tokenizerFromJson } from '../tokenizer/tokenizer.ts';
import type { Tokenizer, TokenizerJson } from '../tokenizer/types.ts';
import { wordTokenizer } from '../tokenizer/word-tokenizer.ts';

const statePrompts = (of: StateTokenizer) => {
  const piecesOf = statePieces(of);
  return (state: Parameters<typeof piecesOf>[0]) => piecesOf(state).flat();
};
const tokenizer = characterTokenizer('ab\n');
const question = { id: 'q', prompt: 'a\n' };

test('bos, prompt and steps, piece by piece', () => {
  const idsOf = statePrompts(tokenizer);
  expect(idsOf({ question, state: { questionId: 'q', steps: ['b\n', 'ab'] } })).toEqual([1, 4, 6, 5, 6, 4, 5]);
  expect(statePieces(tokenizer)({ question, state: { questionId: 'q', steps: ['b\n', 'ab'] } })).toEqual([
    [1, 4, 6],
    [5, 6],
    [4, 5],
  ]);
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

test('a step that would be a beginning by itself is read as the middle of a text', () => {
  const golden = new URL('../../../../test/golden/tokenizers/tokenizers.json', import.meta.url);
  const kinds: { name: string; tokenizer: TokenizerJson; rows: { text: string }[] }[] = JSON.parse(
    readFileSync(golden, 'utf8'),
  );
  const { tokenizer: json, rows } = kinds.find(({ name }) => name === 'BPE with byte fallback, Llama 2')!;
  const llama = tokenizerFromJson(json);
  const prompt = `${rows[0]!.text}\n`;
  const steps = ['the end.\n', 'and so on'];
  const idsOf = statePrompts(llama);
  const of = (rest: object = {}) =>
    idsOf({ question: { id: 'q', prompt }, state: { questionId: 'q', steps, ...rest } });
  const whole = llama.encode(prompt + steps.join(''));
  expect(of().slice(-whole.length)).toEqual(whole);
  expect(llama.encode(steps[0]!)).not.toEqual(whole.slice(llama.encode(prompt).length, -1));
  // The same behind what was drawn.
  const first = llama.encode(prompt + steps[0]).slice(llama.encode(prompt).length);
  const draws = [{ tokenIds: first, logps: first.map(() => -1) }];
  expect(of({ draws }).slice(-whole.length)).toEqual(whole);
});
