import { expect, test } from 'vitest';
import { wordTokenizer } from './word-tokenizer.ts';

const tokenizer = wordTokenizer({
  words: ['12', '1', '2', '+', 'the sum', '12'],
  pattern: 'the sum|\\d{1,2}|[\\s\\S]',
});

test('ids 0 to 3 are reserved; the words follow in their order, repeated ones once', () => {
  expect(tokenizer.encode('12+1the sum2')).toEqual([4, 7, 5, 8, 6]);
  expect([tokenizer.padId, tokenizer.bosId, tokenizer.eosId, tokenizer.vocabularySize]).toEqual([0, 1, 2, 9]);
  expect(tokenizer.decode([8, 4, 2])).toBe('the sum12');
});

test('what is no word is unknown', () => {
  expect(tokenizer.encode('3')).toEqual([3]);
});

test('special tokens by other names', () => {
  const special = { pad: '[P]', bos: '[B]', eos: '[E]', unknown: '[U]' };
  const named = wordTokenizer({ words: ['a'], pattern: '.', special });
  expect(named.encode('a[E]')).toEqual([4, 2]);
  expect(named.files.config).toMatchObject({ bos_token: '[B]', unk_token: '[U]' });
});

test('refuses an empty list', () => {
  expect(() => wordTokenizer({ words: [], pattern: '.' })).toThrow(/wordTokenizer: words must hold at least one/);
});
