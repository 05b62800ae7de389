/** Tokenizers out to GGUF's metadata and back, against the ids of the Rust library. */
import { readFileSync } from 'node:fs';
import type { GgufMetadata, GgufValue } from '@svo/files';
import { describe, expect, test } from 'vitest';
import { tokenizerFromJson } from '../tokenizer/tokenizer.ts';
import type { TokenizerJson } from '../tokenizer/types.ts';
import { metadataKeys } from './metadata-keys.ts';
import { tokenizerFromGguf } from './tokenizer-from-gguf.ts';
import { metadataOfTokenizer } from './tokenizer-metadata.ts';

describe('tokenizers', () => {
  interface Kind {
    readonly name: string;
    readonly tokenizer: TokenizerJson;
    readonly rows: readonly { text: string; ids: number[]; whole: number[]; decoded: string }[];
  }
  const kinds: Kind[] = JSON.parse(
    readFileSync(new URL('../../../../test/golden/tokenizers/tokenizers.json', import.meta.url), 'utf8'),
  );
  const config = { bos_token: '<s>', eos_token: '</s>', chat_template: '{{ messages[0].content }}<|im_end|>' };
  const again = (metadata: GgufMetadata) => tokenizerFromGguf(metadataKeys(metadata, 'here'), []);
  const inGguf = kinds.filter(({ name }) => /GPT-2|Llama 3|Qwen|Llama 2|Gemma/.test(name));

  test('five kinds are among them', () => expect(inGguf.length).toBe(5));

  test.each(inGguf)('$name: through metadata and back, the ids of the Rust library', ({ tokenizer: json, rows }) => {
    const before = tokenizerFromJson(json, { ...config, add_bos_token: rows[0]!.whole[0] === 1 });
    const after = again(metadataOfTokenizer(before, before.vocabularySize))!;
    for (const { text, ids: expected, whole, decoded } of rows) {
      expect(after.encode(text), JSON.stringify(text)).toEqual(expected);
      expect(after.encode(text, { addSpecialTokens: true }), JSON.stringify(text)).toEqual(whole);
      expect(after.decode(expected)).toBe(decoded);
    }
    expect([after.bosId, after.eosId, after.turnEndId, after.endIds]).toEqual([
      before.bosId,
      before.eosId,
      before.turnEndId,
      before.endIds,
    ]);
    expect(after.files.config.chat_template).toBe(config.chat_template);
  });

  test.each<[string, RegExp]>([
    ['Unigram', /model must be BPE, got Unigram/],
    ['WordPiece', /model must be BPE, got WordPiece/],
    ['RoBERTa', /its pre-tokenizer has no name in GGUF/],
  ])('%s has no place in GGUF, and it says so', (kind, message) => {
    const { tokenizer: json } = kinds.find(({ name }) => name.includes(kind))!;
    const tokenizer = tokenizerFromJson(json, config);
    expect(() => metadataOfTokenizer(tokenizer, tokenizer.vocabularySize)).toThrow(message);
  });

  const text = (value: string): GgufValue => ({ type: 'string', value });
  const texts = (...value: string[]): GgufValue => ({ type: 'array', of: 'string', value });
  const good: GgufMetadata = {
    'tokenizer.ggml.model': text('gpt2'),
    'tokenizer.ggml.pre': text('gpt-2'),
    'tokenizer.ggml.tokens': texts('a', 'b', 'ab'),
    'tokenizer.ggml.merges': texts('a b'),
  };
  test('metadata alone makes one', () => expect(again(good)!.encode('ab')).toEqual([2]));

  test.each<[string, GgufMetadata, RegExp]>([
    ['a kind', { 'tokenizer.ggml.model': text('bert') }, /tokenizer.ggml.model must be gpt2 or llama, got 'bert'/],
    ['a pre-tokenizer', { 'tokenizer.ggml.pre': text('constructor') }, /must be one of gpt-2, .*got 'constructor'/],
    ['another type', { 'tokenizer.ggml.pre': { type: 'bool', value: true } }, /pre must be a string, got bool/],
    ['a token twice', { 'tokenizer.ggml.tokens': texts('a', 'b', 'a') }, /tokens holds "a" twice/],
    ['a merge that is no pair', { 'tokenizer.ggml.merges': texts('ab') }, /merges: "ab" is no pair/],
    [
      'an id beyond the tokens',
      { 'tokenizer.ggml.bos_token_id': { type: 'uint32', value: 3 } },
      /below the 3 tokens, got 3/,
    ],
    [
      'types of another number',
      { 'tokenizer.ggml.token_type': { type: 'array', of: 'int32', value: [1] } },
      /must have 3 numbers, one a token, got 1/,
    ],
    ['no scores', { 'tokenizer.ggml.model': text('llama') }, /metadata lacks tokenizer.ggml.scores/],
  ])('refuses %s', (_, change, message) => {
    expect(() => again({ ...good, ...change })).toThrow(message);
    expect(() => again({ ...good, ...change })).toThrow(/^here: /);
  });
});
