import { describe, expect, test } from 'vitest';
import { tokenizerFromJson } from './tokenizer.ts';

const special = (content: string, id: number) => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

/** Byte-level BPE as GPT-2, Llama 3 and Qwen use it: Ġ is a space, Ċ a newline, Ã and © the two bytes of é. */
const byteLevel = tokenizerFromJson(
  {
    version: '1.0',
    added_tokens: [special('<|end|>', 9)],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      vocab: { a: 0, b: 1, Ġ: 2, Ċ: 3, Ã: 4, '©': 5, ab: 6, Ġa: 7, ĊĊ: 8 },
      merges: ['a b', 'Ġ a', 'Ċ Ċ'],
    },
  },
  { eos_token: { content: '<|end|>' } },
);

/** A sentencepiece decoder as in Llama 2: the space before the first word is dropped. */
const sentencePiece = tokenizerFromJson(
  {
    version: '1.0',
    added_tokens: [special('<s>', 0)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      vocab: { '<s>': 0, '▁': 1, a: 2, b: 3, '▁a': 4, '▁b': 5 },
      merges: ['▁ a', '▁ b'],
      byte_fallback: false,
      unk_token: null,
    },
  },
  { bos_token: '<s>' },
);

describe('tokenizerFromJson', () => {
  test('encodes and decodes byte-level BPE', () => {
    expect(byteLevel.encode('ab aé\n\n')).toEqual([6, 7, 4, 5, 8]);
    expect(byteLevel.decode([6, 7, 8, 4, 5])).toBe('ab a\n\né');
  });

  test('special tokens: added and shown only where asked for', () => {
    expect(sentencePiece.encode('a b')).toEqual([4, 5]);
    expect(sentencePiece.encode('a b', { addSpecialTokens: true })).toEqual([0, 4, 5]);
    expect(byteLevel.decode([6, 9])).toBe('ab');
    expect(byteLevel.decode([6, 9], { keepSpecialTokens: true })).toBe('ab<|end|>');
  });

  test('a continuation keeps the space that decoding a whole text drops', () => {
    expect(sentencePiece.decode([5])).toBe('b');
    expect(sentencePiece.continuation([5])).toBe(' b');
    expect(sentencePiece.continuation([0, 3])).toBe('b');
    expect(byteLevel.continuation([7])).toBe(' a');
  });

  test('ids of special tokens come from the config; padding falls back to the end of sequence, then to 0', () => {
    expect([byteLevel.eosId, byteLevel.padId, byteLevel.bosId]).toEqual([9, 9, undefined]);
    expect([sentencePiece.bosId, sentencePiece.padId, 'eosId' in sentencePiece]).toEqual([0, 0, false]);
  });

  test('knows its vocabulary, added tokens included', () => {
    expect([byteLevel.vocabularySize, sentencePiece.vocabularySize]).toEqual([10, 6]);
  });

  test('no text, no ids', () => {
    expect([sentencePiece.encode(''), byteLevel.decode([]), byteLevel.continuation([])]).toEqual([[], '', '']);
  });

  test.each([[{}], [{ model: { type: 'Nonsense' } }]])('refuses %o', (json) => {
    expect(() => tokenizerFromJson(json)).toThrow(/not a usable tokenizer.json/);
  });

  test('a word-level vocabulary: its own unknown token, or an error', () => {
    const wordLevel = (unk_token: string | null) =>
      tokenizerFromJson({
        version: '1.0',
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: { type: 'WhitespaceSplit' },
        post_processor: null,
        decoder: null,
        model: { type: 'WordLevel', vocab: { a: 0, '?': 1 }, unk_token },
      });
    expect(wordLevel('?').encode('a b')).toEqual([0, 1]);
    expect(() => wordLevel(null).encode('a b')).toThrow(/must hold an unknown token to encode "b"/);
  });

  test('a part that is not understood is refused by its name', () => {
    const { tokenizer } = byteLevel.files;
    const model = { ...(tokenizer.model as object), continuing_subword_prefix: '##' };
    expect(() => tokenizerFromJson({ ...tokenizer, model })).toThrow(
      /tokenizerFromJson: not a usable tokenizer.json: model: BPE: continuing_subword_prefix is not supported/,
    );
    const normalizer = { type: 'Precompiled', precompiled_charsmap: '' };
    expect(() => tokenizerFromJson({ ...tokenizer, normalizer })).toThrow(/normalizer: Precompiled is not supported/);
  });

  test('special tokens that only tokenizer_config.json names, and those it lists', () => {
    const { tokenizer } = byteLevel.files;
    const named = tokenizerFromJson(
      { ...tokenizer, added_tokens: [] },
      { eos_token: 'ab', pad_token: { content: 'Ċ' } },
    );
    expect([named.eosId, named.padId, named.decode([0, 6])]).toEqual([6, 3, 'a']);
    const listed = tokenizerFromJson(
      { ...tokenizer, added_tokens: [] },
      { added_tokens_decoder: { 12: { content: '<|im_end|>', special: true } }, eos_token: '<|im_end|>' },
    );
    expect([listed.eosId, listed.encode('a<|im_end|>'), listed.vocabularySize]).toEqual([12, [0, 12], 13]);
  });

  test('what tokenizer.json or the config calls special is special, as transformers 5.24 skips it', () => {
    const { tokenizer } = byteLevel.files;
    const shown = (inFile: boolean, inConfig: boolean): string => {
      const token = { content: '<|user|>', single_word: false, lstrip: false, rstrip: false, normalized: false };
      const added_tokens = [{ ...token, id: 12, special: inFile }];
      const config = { added_tokens_decoder: { 12: { ...token, special: inConfig } } };
      return tokenizerFromJson({ ...tokenizer, added_tokens }, config).decode([0, 12]);
    };
    expect([shown(false, false), shown(true, false), shown(false, true), shown(true, true)]).toEqual([
      'a<|user|>',
      'a',
      'a',
      'a',
    ]);
  });

  test('where a turn and a text end: once each, whatever else is named', () => {
    const { tokenizer } = byteLevel.files;
    const added_tokens = [special('<|end|>', 9), special('<|im_end|>', 10), special('<|im_start|>', 11)];
    const chat_template =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}{% endfor %}";
    const config = { eos_token: '<|end|>', chat_template };
    const chat = tokenizerFromJson({ ...tokenizer, added_tokens }, config, [10, 7]);
    expect([chat.eosId, chat.turnEndId, chat.endIds]).toEqual([9, 10, [9, 10, 7]]);
    expect('turnEndId' in tokenizerFromJson(tokenizer, { ...config, chat_template: '{{ messages }' })).toBe(false);
  });
});
