/** The special tokens that tokenizer_config.json names, as transformers reads them. */
import { type AddedToken, addedTokenOf } from './added-tokens.ts';
import type { Encoder } from './encoder.ts';
import type { Json } from './json.ts';
import type { TokenizerConfig, TokenizerJson } from './types.ts';

/** A special token is a string, or a record with the string as `content`. */
export const tokenText = (entry: unknown): string | undefined => {
  const content = typeof entry === 'object' && entry !== null ? (entry as { content?: unknown }).content : entry;
  return typeof content === 'string' ? content : undefined;
};

/** The keys that name one special token each. */
const specialKeys = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

/** The texts of the special tokens a config names, by key. */
export const specialTexts = (config: TokenizerConfig): Record<string, string> =>
  Object.fromEntries(
    specialKeys.flatMap((key) => {
      const text = tokenText(config[key]);
      return text === undefined ? [] : [[key, text]];
    }),
  );

const listedIn = (config: TokenizerConfig): AddedToken[] => {
  const listed = config.added_tokens_decoder;
  if (typeof listed !== 'object' || listed === null) return [];
  return Object.entries(listed as Json).map(([id, entry]) => addedTokenOf({ ...(entry as Json), id: Number(id) }));
};

/** The ids of tokenizer.json's vocabulary and added tokens, read without building anything. */
const idIn = ({ model, added_tokens: added }: TokenizerJson, text: string): number | undefined => {
  const listed = Array.isArray(added) ? added.find((token) => token?.content === text)?.id : undefined;
  if (typeof listed === 'number') return listed;
  const vocab = (model as Json | undefined)?.vocab;
  if (Array.isArray(vocab)) {
    const index = vocab.findIndex((entry) => Array.isArray(entry) && entry[0] === text);
    return index === -1 ? undefined : index;
  }
  const id =
    typeof vocab === 'object' && vocab !== null && Object.hasOwn(vocab, text) ? (vocab as Json)[text] : undefined;
  return typeof id === 'number' ? id : undefined;
};

/**
 * Tokens that tokenizer_config.json adds to tokenizer.json's: those it lists with their settings, and words of the vocabulary that it
 * calls special. transformers adds both when it loads a tokenizer.
 */
export const tokensOfConfig = (tokenizer: TokenizerJson, config: TokenizerConfig): AddedToken[] => {
  const listed = listedIn(config);
  const inFile = new Set(
    Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens.map((token) => token?.content) : [],
  );
  const known = new Set([...inFile, ...listed.map(({ content }) => content)]);
  const further = Array.isArray(config.additional_special_tokens) ? config.additional_special_tokens : [];
  const named = [...Object.values(specialTexts(config)), ...further.flatMap((entry) => tokenText(entry) ?? [])];
  const words = [...new Set(named)].flatMap((content) => {
    const id = known.has(content) ? undefined : idIn(tokenizer, content);
    return id === undefined ? [] : [addedTokenOf({ id, content, special: true })];
  });
  return [...listed, ...words];
};

/**
 * Whether a text begins with bos: as the config says, else as the post-processor does, else always.
 */
export const beginsWithBos = (
  encoder: Encoder,
  tokenizer: TokenizerJson,
  config: TokenizerConfig,
  bosId: number,
): boolean => {
  if (typeof config.add_bos_token === 'boolean') return config.add_bos_token;
  return !tokenizer.post_processor || encoder.surround([])[0] === bosId;
};
