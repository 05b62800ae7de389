import { expect, test } from 'vitest';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { promptIds } from './prompt-ids.ts';

test('a prompt begins with one bos, whether or not the tokenizer writes it', () => {
  const tokenizer = characterTokenizer('12+');
  expect(promptIds(tokenizer, tokenizer.encode('1+2'))).toEqual([1, 4, 6, 5]);
  expect(promptIds(tokenizer, [1, 4, 6, 5])).toEqual([1, 4, 6, 5]);
  const { bosId: _, ...without } = tokenizer;
  expect(promptIds(without, [4, 6, 5])).toEqual([4, 6, 5]);
});
