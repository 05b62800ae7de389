/** tokenizer.json's decoders, as the Rust library `tokenizers` computes them: tokens back to text. */

import { flagIn, type Json, partsOf, textIn, typeOf } from '../json.ts';
import { textOfLetters } from './byte-level.ts';
import { matchesOf, patternOf } from './pattern.ts';

/** Rewrites tokens; their texts are then joined. */
export type TokenDecoder = (tokens: readonly string[]) => readonly string[];

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as a text; one replacement character a byte where they spell none. */
const bytesText = (bytes: readonly number[]): string => {
  try {
    return strictUtf8.decode(Uint8Array.from(bytes));
  } catch {
    return '\uFFFD'.repeat(bytes.length);
  }
};

/** `<0xE2>` and its like are bytes; neighbours are decoded together. */
const byteFallback: TokenDecoder = (tokens) => {
  const decoded: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) decoded.push(bytesText(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else {
      flush();
      decoded.push(token);
    }
  }
  flush();
  return decoded;
};

/** What Hugging Face calls clean-up: no space before punctuation and English contractions. */
const tidied = (text: string): string =>
  text
    .replaceAll(' .', '.')
    .replaceAll(' ?', '?')
    .replaceAll(' !', '!')
    .replaceAll(' ,', ',')
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(' do not', " don't")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");

const wordPiece = (json: Json, where: string): TokenDecoder => {
  const prefix = textIn(json, 'prefix', '##', where);
  const cleanup = flagIn(json, 'cleanup', true);
  return (tokens) =>
    tokens.map((token, index) => {
      const spaced = index === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
      return cleanup ? tidied(spaced) : spaced;
    });
};

/** In the first token the mark is the space that was put in front, unless none ever is. */
const metaspace = (json: Json, where: string): TokenDecoder => {
  const mark = textIn(json, 'replacement', '▁', where);
  const never = (json.prepend_scheme ?? (json.add_prefix_space === false ? 'never' : 'always')) === 'never';
  return (tokens) => tokens.map((token, index) => token.replaceAll(mark, index === 0 && !never ? '' : ' '));
};

/** At most `start` times `content` from a token's front and `stop` times from its back. */
const strip = (json: Json, where: string): TokenDecoder => {
  const content = textIn(json, 'content', ' ', where);
  const counts = [json.start ?? 0, json.stop ?? 0].map(Number);
  return (tokens) =>
    tokens.map((token) => {
      const characters = [...token];
      let [from, to] = [0, characters.length];
      while (from < counts[0]! && characters[from] === content) from++;
      while (characters.length - to < counts[1]! && to > from && characters[to - 1] === content) to--;
      return characters.slice(from, to).join('');
    });
};

const replace = (json: Json, where: string): TokenDecoder => {
  const pattern = patternOf(json.pattern, where);
  const content = textIn(json, 'content', '', where);
  return (tokens) =>
    tokens.map((token) => {
      let at = 0;
      let text = '';
      for (const [start, end] of matchesOf(token, pattern)) {
        text += token.slice(at, start) + content;
        at = end;
      }
      return text + token.slice(at);
    });
};

/**
 * A decoder from its part of tokenizer.json; without one, tokens are words with a space between them.
 * @throws RangeError naming a type that is not understood
 */
export const decoderOf = (part: unknown, where = 'decoder'): TokenDecoder => {
  if (part === null || part === undefined) return (tokens) => [tokens.join(' ')];
  const type = typeOf(part, where);
  const at = `${where}: ${type}`;
  const json = part as Json;
  switch (type) {
    case 'Sequence': {
      const decoders = partsOf(json, 'decoders', at).map((one) => decoderOf(one, where));
      return (tokens) => decoders.reduce((current, decode) => decode(current), tokens);
    }
    case 'ByteLevel':
      return (tokens) => [textOfLetters(tokens)];
    case 'ByteFallback':
      return byteFallback;
    case 'WordPiece':
      return wordPiece(json, at);
    case 'Metaspace':
      return metaspace(json, at);
    case 'BPEDecoder': {
      const suffix = textIn(json, 'suffix', '</w>', at);
      return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' '));
    }
    case 'Fuse':
      return (tokens) => [tokens.join('')];
    case 'Strip':
      return strip(json, at);
    case 'Replace':
      return replace(json, at);
    default:
      throw new RangeError(
        `${at} is not supported (known: BPEDecoder, ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece)`,
      );
  }
};
