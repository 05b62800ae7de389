/** Tokenizers of every kind against Hugging Face's own library (test/golden/tokenizers/make.py), and what training needs of them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tokenizerFromJson } from './tokenizer.ts';
import type { TokenizerJson } from './types.ts';

interface Kind {
  readonly name: string;
  readonly tokenizer: TokenizerJson;
  /** `ids` without and `whole` with special tokens; `decoded` of the first, `shown` of the second. */
  readonly rows: readonly { text: string; ids: number[]; whole: number[]; decoded: string; shown: string }[];
}
const read = (file: string): Kind[] =>
  JSON.parse(readFileSync(new URL(`../../../../test/golden/tokenizers/${file}`, import.meta.url), 'utf8'));
const kinds = read('tokenizers.json');
/** Added tokens with every flag, unknown characters, prefixes and suffixes (make_parts.py). */
const corners = read('whole.json');
const config = { bos_token: '<s>', eos_token: '</s>' };

describe.each(kinds)('$name', ({ tokenizer: json, rows }) => {
  const tokenizer = tokenizerFromJson(json, config);

  test('encodes and decodes as tokenizers does', () => {
    for (const { text, ids, whole, decoded, shown } of rows) {
      expect(tokenizer.encode(text), text).toEqual(ids);
      expect(tokenizer.encode(text, { addSpecialTokens: true }), text).toEqual(whole);
      expect(tokenizer.decode(ids), text).toBe(decoded);
      expect(tokenizer.decode(whole, { keepSpecialTokens: true }), text).toBe(shown);
    }
  });

  test('a continuation is what ids add to the text before them', () => {
    for (const { ids } of rows)
      for (let cut = 1; cut < ids.length; cut++) {
        const [before, whole] = [tokenizer.decode(ids.slice(0, cut)), tokenizer.decode(ids)];
        const characterIsSplit = before.includes('\uFFFD') || !whole.startsWith(before);
        if (before.trim() === '' || characterIsSplit) continue;
        expect(tokenizer.continuation(ids.slice(cut)), JSON.stringify([before, whole])).toBe(
          whole.slice(before.length),
        );
      }
  });

  test('bosId where the post-processor puts one in front, and only there', () => {
    const first = tokenizer.encode('a', { addSpecialTokens: true })[0];
    expect(tokenizer.bosId).toBe(json.post_processor && first !== 1 ? undefined : 1);
    expect(tokenizerFromJson(json, { ...config, add_bos_token: false }).bosId).toBeUndefined();
    expect(tokenizerFromJson(json, { ...config, add_bos_token: true }).bosId).toBe(1);
  });
});

test.each(corners)('$name: ids and text of tokenizers', ({ tokenizer: json, rows }) => {
  const tokenizer = tokenizerFromJson(json);
  for (const { text, ids, whole, decoded, shown } of rows) {
    expect(tokenizer.encode(text), text).toEqual(ids);
    expect(tokenizer.encode(text, { addSpecialTokens: true }), text).toEqual(whole);
    expect(tokenizer.decode(ids), text).toBe(decoded);
    expect(tokenizer.decode(whole, { keepSpecialTokens: true }), text).toBe(shown);
  }
});

test('byte-level and byte-fallback vocabularies give every text back', () => {
  for (const { name, tokenizer: json, rows } of kinds.filter((kind) => /Llama 3|GPT-2|Llama 2|Gemma/.test(kind.name))) {
    const tokenizer = tokenizerFromJson(json, config);
    for (const { text } of rows) {
      if (/<\/?s>|<\||<mask>/.test(text)) continue;
      expect(tokenizer.decode(tokenizer.encode(text)), `${name}: ${text}`).toBe(text);
    }
  }
});
