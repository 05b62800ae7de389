import { describe, expect, test } from 'vitest';
import { characterTokenizer } from './character-tokenizer.ts';

describe('characterTokenizer', () => {
  test('one token a character, also beyond the first plane; unknown ones are <unk>', () => {
    const tokenizer = characterTokenizer('ab\n 𝔸a');
    expect(tokenizer.vocabularySize).toBe(9);
    expect(tokenizer.encode('ba\n 𝔸')).toEqual([5, 4, 6, 7, 8]);
    expect(tokenizer.decode(tokenizer.encode('  a\n\nb 𝔸 '))).toBe('  a\n\nb 𝔸 ');
    expect(tokenizer.encode('z')).toEqual([3]);
    expect([tokenizer.padId, tokenizer.bosId, tokenizer.eosId]).toEqual([0, 1, 2]);
  });

  test('special tokens in a text are read as such', () => {
    const tokenizer = characterTokenizer('ab');
    expect(tokenizer.encode('a<eos>b')).toEqual([4, 2, 5]);
  });

  test('refuses an empty alphabet', () => {
    expect(() => characterTokenizer('')).toThrow(/at least one character/);
  });
});
