/** tokenizer.json's models: how a piece of text becomes tokens of the vocabulary. */

import { type Json, typeOf } from '../json.ts';
import { library } from './library.ts';

/** Text to tokens, a piece at a time. */
export interface TokenModel {
  /** Ids by token. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Tokens of a piece; `undefined` stands for what the vocabulary doesn't know, where it has no token for that. */
  readonly encode: (piece: string) => readonly (string | undefined)[];
  /** Stands for what the vocabulary doesn't know. */
  readonly unknown?: string;
  /** Which characters of a piece are encoded, where those that are unknown are dropped. */
  readonly kept?: (piece: string) => readonly boolean[];
  /** What a token spells in the piece it comes from, for finding its place there. */
  readonly surface: (token: string, index: number) => string;
}

/** Set in no file that is used, and neither random nor wrong when refused. */
const refuse = (json: Json, keys: readonly string[], where: string): void => {
  for (const key of keys)
    if (json[key]) throw new RangeError(`${where}: ${key} is not supported, got ${JSON.stringify(json[key])}`);
};

const byteToken = /^<0x[0-9A-F]{2}>$/;

/**
 * Unknown characters as the Rust library tells of them: as one, where that is asked for, and, its quirk, behind the bytes of characters that
 * follow at once.
 */
const unknownsInPlace = (tokens: readonly string[], unknown: string, fuse: boolean): string[] => {
  const placed: string[] = [];
  let waiting = false;
  for (const token of tokens) {
    const again = token === unknown;
    if (waiting && !(again && fuse) && !byteToken.test(token)) {
      placed.push(unknown);
      waiting = false;
    }
    if (again) waiting = true;
    else placed.push(token);
  }
  return waiting ? [...placed, unknown] : placed;
};

/** The characters of a text that are kept, and where each of their code units stood. */
const only = (text: string, kept: readonly boolean[]): { text: string; places: number[] } => {
  let [left, at] = ['', 0];
  const places: number[] = [];
  for (const [index, character] of [...text].entries()) {
    for (let unit = 0; kept[index] && unit < character.length; unit++) places.push(at + unit);
    if (kept[index]) left += character;
    at += character.length;
  }
  return { text: left, places };
};

const bpe = (json: Json, where: string): TokenModel => {
  refuse(json, ['dropout', 'continuing_subword_prefix'], where);
  const model = new library.BPE(json);
  const unknown = model.unk_token ?? undefined;
  const suffix = typeof json.end_of_word_suffix === 'string' ? json.end_of_word_suffix : '';
  /** Without a token for them, unknown characters are dropped before anything is merged. */
  const kept = (piece: string): boolean[] =>
    [...piece].map((character, index, all) =>
      model.tokens_to_ids.has(index === all.length - 1 ? character + suffix : character),
    );
  const dropping = unknown === undefined && json.byte_fallback !== true;
  return {
    vocabulary: model.tokens_to_ids,
    encode: (piece) =>
      unknown === undefined
        ? model.encode([dropping ? only(piece, kept(piece)).text : piece])
        : unknownsInPlace(model.encode([piece]), unknown, json.fuse_unk === true),
    ...(dropping && { kept }),
    ...(unknown !== undefined && { unknown }),
    surface: (token) => (suffix !== '' && token.endsWith(suffix) ? token.slice(0, -suffix.length) : token),
  };
};

const utf8 = new TextEncoder();
const byteTokens = (text: string): string[] =>
  Array.from(utf8.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);

const unigram = (json: Json): TokenModel => {
  const model = new library.Unigram(json, '');
  const vocabulary = model.tokens_to_ids;
  const unknown = model.unk_token ?? undefined;
  const unknownTokens = (text: string): (string | undefined)[] => {
    const bytes = json.byte_fallback === true ? byteTokens(text) : [];
    return bytes.length > 0 && bytes.every((token) => vocabulary.has(token)) ? bytes : [unknown];
  };
  return {
    vocabulary,
    encode: (piece) => {
      const tokens: (string | undefined)[] = [];
      let lost = '';
      for (const token of [...model.encode([piece]), '']) {
        if (token !== '' && !vocabulary.has(token)) {
          lost += token;
          continue;
        }
        if (lost !== '') tokens.push(...unknownTokens(lost));
        lost = '';
        if (token !== '') tokens.push(token);
      }
      return tokens;
    },
    ...(unknown !== undefined && { unknown }),
    surface: (token) => token,
  };
};

const wordPiece = (json: Json): TokenModel => {
  const prefix = typeof json.continuing_subword_prefix === 'string' ? json.continuing_subword_prefix : '##';
  const unknown = typeof json.unk_token === 'string' ? json.unk_token : '[UNK]';
  const model = new library.WordPiece({ ...json, continuing_subword_prefix: prefix, unk_token: unknown });
  return {
    vocabulary: model.tokens_to_ids,
    encode: (piece) => model.encode([piece]),
    unknown,
    surface: (token, index) => (index > 0 && token.startsWith(prefix) ? token.slice(prefix.length) : token),
  };
};

const wordLevel = (json: Json, where: string): TokenModel => {
  const { vocab } = json;
  if (typeof vocab !== 'object' || vocab === null)
    throw new RangeError(`${where}: vocab must be an object, got ${typeof vocab}`);
  const vocabulary = new Map(Object.entries(vocab as Record<string, number>));
  const given = typeof json.unk_token === 'string' ? json.unk_token : undefined;
  const unknown = given !== undefined && vocabulary.has(given) ? given : undefined;
  return {
    vocabulary,
    encode: (piece) => [vocabulary.has(piece) ? piece : unknown],
    ...(unknown !== undefined && { unknown }),
    surface: (token) => token,
  };
};

/** Files from before models had a `type`. */
const kindOf = (json: Json, where: string): string => {
  if ('type' in json) return typeOf(json, where);
  if (Array.isArray(json.vocab)) return 'Unigram';
  if ('merges' in json) return 'BPE';
  return 'continuing_subword_prefix' in json ? 'WordPiece' : typeOf(json, where);
};

/**
 * A model from its part of tokenizer.json.
 * @throws RangeError naming what is not understood
 */
export const tokenModelOf = (part: unknown, where = 'model'): TokenModel => {
  const json = (typeof part === 'object' && part !== null ? part : {}) as Json;
  const type = kindOf(json, where);
  switch (type) {
    case 'BPE':
      return bpe(json, `${where}: BPE`);
    case 'Unigram':
      return unigram(json);
    case 'WordPiece':
      return wordPiece(json);
    case 'WordLevel':
      return wordLevel(json, `${where}: WordLevel`);
    default:
      throw new RangeError(`${where}: ${type} is not supported (known: BPE, Unigram, WordLevel, WordPiece)`);
  }
};

const utf8Length = (character: string): number => utf8.encode(character).length;

const spansIn = (
  { vocabulary, unknown, surface }: TokenModel,
  piece: string,
  tokens: readonly (string | undefined)[],
): (readonly [start: number, end: number])[] => {
  const spans: (readonly [number, number])[] = [];
  const characterAt = (index: number): string => String.fromCodePoint(piece.codePointAt(index) ?? 0);
  let at = 0;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    const text = token === undefined ? undefined : surface(token, index);
    if (text !== undefined && piece.startsWith(text, at)) {
      spans.push([at, at + text.length]);
      at += text.length;
    } else if (token !== undefined && token !== unknown && at < piece.length) {
      const character = characterAt(at);
      const bytes = utf8Length(character);
      for (let byte = 0; byte < bytes && index + byte < tokens.length; byte++) spans.push([at, at + character.length]);
      index += bytes - 1;
      at += character.length;
    } else {
      const start = at;
      if (at < piece.length) at += characterAt(at).length;
      const last = index === tokens.length - 1;
      while (at < piece.length && (last || !vocabulary.has(characterAt(at))) && tokens[index + 1] !== unknown)
        at += characterAt(at).length;
      spans.push([start, at]);
    }
  }
  return spans;
};

/**
 * Where in its piece each token stands, [start, end). Tokens that are bytes of one character have its place, and an
 * unknown token that of all it stands for.
 */
export const tokenSpans = (
  model: TokenModel,
  piece: string,
  tokens: readonly (string | undefined)[],
): (readonly [start: number, end: number])[] => {
  const kept = model.kept?.(piece);
  if (!kept || kept.every(Boolean)) return spansIn(model, piece, tokens);
  const { text, places } = only(piece, kept);
  return spansIn(model, text, tokens).map(([start, end]) => [
    places[start] ?? piece.length,
    (places[end - 1] ?? 0) + 1,
  ]);
};
