/** Where each token stands in its text, for tokenizers that give the text back and those that don't. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tokenizerFromJson } from './tokenizer.ts';
import type { TokenizerJson } from './types.ts';

const read = (file: string): { name: string; tokenizer: TokenizerJson; rows: { text: string }[] }[] =>
  JSON.parse(readFileSync(new URL(`../../../../test/golden/tokenizers/${file}`, import.meta.url), 'utf8'));
const kinds = [...read('tokenizers.json'), ...read('whole.json')];

describe.each(kinds)('$name', ({ tokenizer: json, rows }) => {
  const tokenizer = tokenizerFromJson(json);

  test('offsets go with the ids of encode, in the text and in order', () => {
    for (const { text } of rows) {
      const { ids, offsets } = tokenizer.encodeWithOffsets(text);
      expect(ids).toEqual(tokenizer.encode(text));
      expect(offsets).toHaveLength(ids.length);
      for (const [index, [start, end]] of offsets.entries()) {
        expect(start, text).toBeGreaterThanOrEqual(index === 0 ? 0 : offsets[index - 1]![0]);
        expect(end, text).toBeGreaterThanOrEqual(start);
        expect(end, text).toBeLessThanOrEqual(text.length);
      }
    }
  });
});

test('a word’s token stands for the word, with the space that became a part of it', () => {
  const llama = tokenizerFromJson(kinds.find(({ name }) => name.includes('Llama 2'))!.tokenizer);
  const text = 'The sum of 12 🙂.</s> a';
  const { ids, offsets } = llama.encodeWithOffsets(text);
  const words = offsets.reduce(
    (covered, [start, end]) => covered + text.slice(Math.max(start, covered.length), end),
    '',
  );
  expect(words).toBe(text);
  // Its four bytes share the emoji's place.
  const emoji = offsets.filter(([start, end]) => text.slice(start, end) === '🙂');
  expect(emoji).toHaveLength(4);
  const end = ids.indexOf(llama.encode('</s>')[0]!);
  expect(text.slice(...offsets[end]!)).toBe('</s>');
});
