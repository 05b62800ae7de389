/** Normalizers, pre-tokenizers and decoders against Hugging Face's own, part by part (test/golden/tokenizers/make_parts.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Json } from '../json.ts';
import { decoderOf } from './decoders.ts';
import { normalizerOf } from './normalizers.ts';
import { preTokenizerOf } from './pre-tokenizers.ts';

interface Part<Out> {
  readonly json: Json;
  readonly out: readonly Out[];
}
const golden: {
  texts: string[];
  tokens: string[][];
  normalizers: Part<string>[];
  preTokenizers: Part<string[]>[];
  decoders: Part<string>[];
} = JSON.parse(readFileSync(new URL('../../../../../test/golden/tokenizers/parts.json', import.meta.url), 'utf8'));

describe('as the Rust library', () => {
  test.each(golden.normalizers)('normalizer $json', ({ json, out }) => {
    const normalize = normalizerOf(json);
    expect(golden.texts.map((text) => normalize({ text, first: true }).text)).toEqual(out);
  });

  test.each(golden.preTokenizers)('pre-tokenizer $json', ({ json, out }) => {
    const cut = preTokenizerOf(json);
    const pieces = golden.texts.map((text) =>
      text === '' ? [] : cut({ text, first: true }).map((piece) => piece.text),
    );
    expect(pieces.map((list) => list.filter((piece) => piece !== ''))).toEqual(out);
  });

  test.each(golden.decoders)('decoder $json', ({ json, out }) => {
    expect(golden.tokens.map((tokens) => decoderOf(json)(tokens).join(''))).toEqual(out);
  });
});

describe('what is not understood is refused by name', () => {
  test.each<[() => unknown, RegExp]>([
    [() => normalizerOf({ type: 'Precompiled', precompiled_charsmap: '' }), /normalizer: Precompiled is not supported/],
    [() => preTokenizerOf({ type: 'UnicodeScripts' }), /pre_tokenizer: UnicodeScripts is not supported/],
    [() => preTokenizerOf({ type: 'Split', pattern: { Regex: '(' } }), /pre_tokenizer: Split: pattern "\("/],
    [() => preTokenizerOf({ type: 'Split', pattern: { String: ' ' }, behavior: 'Odd' }), /behavior .* got 'Odd'/],
    [() => decoderOf({ type: 'CTC' }), /decoder: CTC is not supported/],
    [() => decoderOf('x'), /decoder: must be a record with a type/],
  ])('%#', (build, message) => {
    expect(build).toThrow(message);
  });
});
