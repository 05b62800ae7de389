/** The tokenizer in a GGUF file's metadata as the tokenizer.json and tokenizer_config.json it amounts to. */
import { tokenizerFromJson } from '../tokenizer/tokenizer.ts';
import type { Tokenizer, TokenizerConfig, TokenizerJson } from '../tokenizer/types.ts';
import type { MetadataKeys } from './metadata-keys.ts';
import { preTokenizersByName } from './pre-tokenizers-by-name.ts';
import { mergesOfScores } from './score-merges.ts';

/** `tokenizer.ggml.token_type` (llama.h, enum llama_token_type). */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

interface Vocabulary {
  readonly tokens: readonly string[];
  readonly types: ArrayLike<number>;
}

const vocabularyIn = (keys: MetadataKeys): Vocabulary => {
  const tokens = keys.needed(keys.texts('tokenizer.ggml.tokens'), 'tokenizer.ggml.tokens');
  const types = keys.numbers('tokenizer.ggml.token_type') ?? new Uint8Array(tokens.length).fill(tokenTypes.normal);
  if (types.length !== tokens.length)
    keys.fail(`tokenizer.ggml.token_type must have ${tokens.length} numbers, one a token, got ${types.length}`);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  // Of two equal tokens only one could ever be meant.
  const twice = ids.size < tokens.length ? tokens.findIndex((token, id) => ids.get(token) !== id) : -1;
  if (twice !== -1) keys.fail(`tokenizer.ggml.tokens holds ${JSON.stringify(tokens[twice]!.slice(0, 40))} twice`);
  return { tokens, types };
};

const addedTokens = ({ tokens, types }: Vocabulary): object[] =>
  tokens.flatMap((content, id) => {
    const special = types[id] === tokenTypes.control || types[id] === tokenTypes.unknown;
    if ((!special && types[id] !== tokenTypes.userDefined) || content === '') return [];
    return [{ id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false }];
  });

/** The token a key names, e.g. `bos`. */
const namedToken = (keys: MetadataKeys, { tokens }: Vocabulary, name: string): string | undefined => {
  const key = `tokenizer.ggml.${name}_token_id`;
  const id = keys.count(key);
  if (id === undefined) return undefined;
  return tokens[id] ?? keys.fail(`${key} must be below the ${tokens.length} tokens, got ${id}`);
};

const aroundText = (begin: string | undefined, end: string | undefined, tokens: readonly string[]): object | null => {
  const special = (text: string | undefined): object[] =>
    text === undefined ? [] : [{ SpecialToken: { id: text, type_id: 0 } }];
  const named = [begin, end].filter((text) => text !== undefined);
  if (named.length === 0) return null;
  return {
    type: 'TemplateProcessing',
    single: [...special(begin), { Sequence: { id: 'A', type_id: 0 } }, ...special(end)],
    pair: [
      ...special(begin),
      { Sequence: { id: 'A', type_id: 0 } },
      ...special(begin),
      { Sequence: { id: 'B', type_id: 1 } },
      ...special(end),
    ],
    special_tokens: Object.fromEntries(
      named.map((text) => [text, { id: text, ids: [tokens.indexOf(text)], tokens: [text] }]),
    ),
  };
};

const bytePairs = (keys: MetadataKeys, { tokens }: Vocabulary) => {
  const name = keys.needed(
    keys.text('tokenizer.ggml.pre'),
    'tokenizer.ggml.pre (convert the file with a recent llama.cpp)',
  );
  const known = Object.hasOwn(preTokenizersByName, name) ? preTokenizersByName[name] : undefined;
  if (!known)
    return keys.fail(
      `tokenizer.ggml.pre must be one of ${Object.keys(preTokenizersByName).join(', ')}, got '${name.slice(0, 60)}'`,
    );
  const merges = keys.needed(keys.texts('tokenizer.ggml.merges'), 'tokenizer.ggml.merges');
  return {
    addBos: known.addBos,
    parts: {
      normalizer: known.normalizer,
      pre_tokenizer: known.pre_tokenizer,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: known.ignoreMerges,
        vocab: idsOf(tokens),
        merges: merges.map((merge) => {
          // Tokens of bytes hold no space, but the first of a pair may be empty text and a space before.
          const cut = merge.indexOf(' ', 1);
          if (cut < 1) keys.fail(`tokenizer.ggml.merges: ${JSON.stringify(merge.slice(0, 40))} is no pair of tokens`);
          return [merge.slice(0, cut), merge.slice(cut + 1)];
        }),
      },
    },
  };
};

const idsOf = (tokens: readonly string[]): Record<string, number> =>
  Object.fromEntries(tokens.map((token, id) => [token, id]));

/** SentencePiece's, which is BPE whose merges follow from the tokens' scores; unknown characters are bytes. */
const scoredPieces = (keys: MetadataKeys, vocabulary: Vocabulary) => {
  const { tokens, types } = vocabulary;
  const scores = keys.needed(keys.numbers('tokenizer.ggml.scores'), 'tokenizer.ggml.scores');
  if (scores.length !== tokens.length)
    keys.fail(`tokenizer.ggml.scores must have ${tokens.length} numbers, one a token, got ${scores.length}`);
  const prefix = keys.flag('tokenizer.ggml.add_space_prefix') ?? true;
  const unknown = namedToken(keys, vocabulary, 'unknown') ?? tokens[Array.from(types).indexOf(tokenTypes.unknown)];
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const isWord = (id: number): boolean =>
    types[id] === tokenTypes.normal || types[id] === tokenTypes.userDefined || types[id] === tokenTypes.unused;
  return {
    addBos: true,
    parts: {
      normalizer: prefix ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, spaces] } : spaces,
      pre_tokenizer: null,
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
        ],
      },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: unknown ?? null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: true,
        byte_fallback: true,
        ignore_merges: false,
        vocab: idsOf(tokens),
        merges: mergesOfScores(tokens, scores, isWord),
      },
    },
  };
};

const filesOf = (keys: MetadataKeys): { tokenizer: TokenizerJson; config: TokenizerConfig } | undefined => {
  const kind = keys.text('tokenizer.ggml.model') ?? 'none';
  if (kind === 'none') return undefined;
  if (kind !== 'gpt2' && kind !== 'llama')
    return keys.fail(`tokenizer.ggml.model must be gpt2 or llama, got '${kind.slice(0, 60)}'`);
  const vocabulary = vocabularyIn(keys);
  const { addBos: usual, parts } = kind === 'gpt2' ? bytePairs(keys, vocabulary) : scoredPieces(keys, vocabulary);
  const [bos, eos] = ['bos', 'eos'].map((name) => namedToken(keys, vocabulary, name));
  const addBos = bos !== undefined && (keys.flag('tokenizer.ggml.add_bos_token') ?? usual);
  const addEos = eos !== undefined && (keys.flag('tokenizer.ggml.add_eos_token') ?? false);
  const [unknown, pad] = ['unknown', 'padding'].map((name) => namedToken(keys, vocabulary, name));
  const template = keys.text('tokenizer.chat_template');
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(vocabulary),
      ...parts,
      post_processor: aroundText(addBos ? bos : undefined, addEos ? eos : undefined, vocabulary.tokens),
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      add_bos_token: addBos,
      ...(bos !== undefined && { bos_token: bos }),
      ...(eos !== undefined && { eos_token: eos }),
      ...(unknown !== undefined && { unk_token: unknown }),
      ...(pad !== undefined && { pad_token: pad }),
      ...(template !== undefined && { chat_template: template }),
    },
  };
};

/**
 * The tokenizer of a GGUF file: `gpt2` (BPE on bytes, with merges and the name of a pre-tokenizer) or `llama` (SentencePiece's scores with byte
 * fallback), with the ids of the Rust library for the same vocabulary; absent where the file says `none`.
 *
 * @param endIds further tokens that end a text
 * @throws RangeError naming the key that is missing, of another type, or not understood
 */
export const tokenizerFromGguf = (keys: MetadataKeys, endIds: readonly number[]): Tokenizer | undefined => {
  const files = filesOf(keys);
  return files && tokenizerFromJson(files.tokenizer, files.config, endIds);
};
