import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { tokenizerFromJson } from '../tokenizer/tokenizer.ts';
import { stopDetector } from './stop-strings.ts';

const tokenizer = characterTokenizer('ab\n');

test.prop([
  fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 }),
  fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength: 1, maxLength: 3 }), { maxLength: 3 }),
])('stops at the first end of a stop string, as a search of the whole text would', (text, stop) => {
  const ends = stop.map((word) => text.indexOf(word) + word.length).filter((_, index) => text.includes(stop[index]!));
  const end = ends.length === 0 ? undefined : Math.min(...ends);
  const detector = stopDetector(tokenizer, stop);
  const fed = [...text].findIndex((character) => detector.push(tokenizer.encode(character)[0]!));
  expect(fed).toBe(end === undefined ? -1 : end - 1);
  expect(detector.text()).toBe(text.slice(0, end));
});

test('a token that runs past a stop string is cut, and special tokens add nothing', () => {
  const merged = tokenizerFromJson({
    added_tokens: [],
    normalizer: null,
    post_processor: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: { a: 0, Ċ: 1, ĊĊ: 2, ĊĊa: 3 }, merges: ['Ċ Ċ', 'ĊĊ a'] },
  });
  const detector = stopDetector(merged, ['\n\n']);
  expect([detector.push(0), detector.push(3)]).toEqual([false, true]);
  expect(detector.text()).toBe('a\n\n');
  const quiet = stopDetector(tokenizer, ['\n']);
  expect(quiet.push(tokenizer.eosId!)).toBe(false);
  expect(quiet.text()).toBe('');
});

test('a character spread over tokens appears when its last byte does', () => {
  const bytes = tokenizerFromJson({
    added_tokens: [],
    normalizer: null,
    post_processor: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: { a: 0, Ã: 1, '©': 2 }, merges: [] },
  });
  const detector = stopDetector(bytes, ['é']);
  expect([0, 1, 2].map((id) => detector.push(id))).toEqual([false, false, true]);
  expect(detector.text()).toBe('aé');
});
