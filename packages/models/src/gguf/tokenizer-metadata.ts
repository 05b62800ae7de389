/** A tokenizer.json as a GGUF file's metadata: BPE on bytes as `gpt2`, SentencePiece's BPE as `llama`. */
import type { GgufMetadata, GgufValue } from '@svo/files';
import { storedTemplate } from '../chat/turn-end.ts';
import type { Json } from '../tokenizer/json.ts';
import { specialTexts } from '../tokenizer/special-tokens.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { uint32 } from './families/gguf-family.ts';
import { bool, string } from './metadata-of-model.ts';
import { preTokenizersByName } from './pre-tokenizers-by-name.ts';
import { tokenTypes } from './tokenizer-from-gguf.ts';

const fail = (message: string): never => {
  throw new RangeError(`saveGguf: tokenizer: ${message}`);
};

interface AddedEntry {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
}

/** A part of tokenizer.json without what changes no ids, its keys in order. */
const essence = (part: unknown): string => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const { trim_offsets: _, ...rest } = value as Json;
    return Object.fromEntries(
      Object.entries(rest)
        .filter(([, entry]) => entry !== false)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, entry]) => [key, sorted(entry)]),
    );
  };
  return JSON.stringify(sorted(part)) ?? 'null';
};

/** The name that llama.cpp knows a pre-tokenizer by. */
const nameOfPreTokenizer = (json: Json, ignoreMerges: boolean): string => {
  const found = Object.entries(preTokenizersByName).find(
    ([, known]) => essence(known.pre_tokenizer) === essence(json.pre_tokenizer) && known.ignoreMerges === ignoreMerges,
  );
  const [name] =
    found ??
    fail('its pre-tokenizer has no name in GGUF; it must be that of GPT-2, SmolLM, Llama 3, Qwen2, Tekken or o200k');
  const normalizer = essence(json.normalizer ?? null);
  // llama.cpp composes no characters; what is composed already is the same either way.
  if (normalizer !== 'null' && normalizer !== essence({ type: 'NFC' }))
    fail(`normalizer must be none or NFC for ${name}, got ${normalizer.slice(0, 80)}`);
  return name;
};

const mergePairs = (merges: readonly unknown[]): [string, string][] =>
  merges.map((merge) => {
    if (Array.isArray(merge)) return [String(merge[0]), String(merge[1])];
    const cut = String(merge).indexOf(' ', 1);
    return [String(merge).slice(0, cut), String(merge).slice(cut + 1)];
  });

const contains = (part: unknown, text: string): boolean => JSON.stringify(part ?? null).includes(text);

/** Whether a space is put in front of a text: by a normalizer, or by a Metaspace. */
const spacePrefix = (json: Json): boolean => {
  const { normalizer, pre_tokenizer: pre } = json;
  if (contains(normalizer, '"Prepend"')) return true;
  if (contains(pre, '"Metaspace"')) return !contains(pre, '"prepend_scheme":"never"');
  if (contains(normalizer, '"Replace"')) return false;
  return fail('byte fallback without ▁ for spaces has no place in GGUF');
};

/** The order of merges as scores: SentencePiece joins the pair whose whole has the highest. */
const scoresOf = (tokens: readonly string[], merges: readonly [string, string][]): Float32Array => {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const scores = new Float32Array(tokens.length).fill(-merges.length);
  for (let rank = merges.length - 1; rank >= 0; rank--) {
    const id = ids.get(merges[rank]![0] + merges[rank]![1]);
    if (id !== undefined) scores[id] = -rank;
  }
  return scores;
};

const strings = (value: readonly string[]): GgufValue => ({ type: 'array', of: 'string', value });

const vocabularyOf = (vocab: Readonly<Record<string, number>>, added: readonly AddedEntry[], size: number) => {
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  const types = new Int32Array(size).fill(tokenTypes.unused);
  const put = (id: number, token: string, type: number): void => {
    if (!(id < size)) fail(`${JSON.stringify(token)} has id ${id}, the model ${size} rows`);
    tokens[id] = token;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(vocab))
    put(id, token, /^<0x[0-9A-F]{2}>$/.test(token) ? tokenTypes.byte : tokenTypes.normal);
  for (const { id, content, special } of added) put(id, content, special ? tokenTypes.control : tokenTypes.userDefined);
  return { tokens, types };
};

/**
 * The metadata of a tokenizer.
 *
 * @param vocabularySize rows of the embedding; ids without a token are filled up
 * @throws RangeError for a tokenizer that GGUF has no place for: not BPE, or cut in a way llama.cpp has no name for
 */
export const metadataOfTokenizer = (
  { files, bosId, eosId, endIds }: Tokenizer,
  vocabularySize: number,
): GgufMetadata => {
  const { tokenizer: json, config } = files;
  const model = (json.model ?? {}) as Json;
  if (model.type !== 'BPE')
    fail(`model must be BPE, got ${String(model.type)} (save a folder with savePretrained instead)`);
  const added = (Array.isArray(json.added_tokens) ? json.added_tokens : []) as AddedEntry[];
  const { tokens, types } = vocabularyOf(model.vocab as Record<string, number>, added, vocabularySize);
  const merges = mergePairs(model.merges as readonly unknown[]);
  const named = specialTexts(config);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const idKeys = Object.entries({
    bos: 'bos_token',
    eos: 'eos_token',
    unknown: 'unk_token',
    padding: 'pad_token',
  }).flatMap(([theirs, ours]) => {
    const id = named[ours] === undefined ? undefined : ids.get(named[ours]);
    return id === undefined ? [] : [[`tokenizer.ggml.${theirs}_token_id`, uint32(id)]];
  });
  const turnEnd = endIds.find((id) => id !== eosId);
  const template = storedTemplate(config, 'default');
  const unknown = typeof model.unk_token === 'string' ? ids.get(model.unk_token) : undefined;
  const scored = model.byte_fallback === true;
  if (scored && unknown !== undefined) types[unknown] = tokenTypes.unknown;
  return {
    'tokenizer.ggml.model': string(scored ? 'llama' : 'gpt2'),
    'tokenizer.ggml.pre': string(scored ? 'default' : nameOfPreTokenizer(json, model.ignore_merges === true)),
    'tokenizer.ggml.tokens': strings(tokens),
    'tokenizer.ggml.token_type': { type: 'array', of: 'int32', value: types },
    ...(scored
      ? {
          'tokenizer.ggml.scores': { type: 'array', of: 'float32', value: scoresOf(tokens, merges) },
          'tokenizer.ggml.add_space_prefix': bool(spacePrefix(json)),
        }
      : { 'tokenizer.ggml.merges': strings(merges.map(([left, right]) => `${left} ${right}`)) }),
    ...Object.fromEntries(idKeys),
    ...(turnEnd !== undefined && { 'tokenizer.ggml.eot_token_id': uint32(turnEnd) }),
    'tokenizer.ggml.add_bos_token': bool(bosId !== undefined),
    ...(template !== undefined && { 'tokenizer.chat_template': string(template) }),
  };
};
