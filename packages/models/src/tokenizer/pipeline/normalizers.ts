/** tokenizer.json's normalizers, as the Rust library `tokenizers` computes them: each names the edits it makes to a text. */

import { flagIn, type Json, partsOf, textIn, typeOf } from '../json.ts';
import { byteLetters } from './byte-level.ts';
import { matchesOf, patternOf, whitespace } from './pattern.ts';
import { type Edit, editPiece, type Piece } from './piece.ts';

/** What a normalizer does to a piece. */
export type Normalizer = (piece: Piece) => Piece;

const editing =
  (editsOf: (text: string) => readonly Edit[]): Normalizer =>
  (piece) =>
    editPiece(piece, editsOf(piece.text));

const replacing = (pattern: RegExp, content: (match: string) => string): Normalizer =>
  editing((text) => matchesOf(text, pattern).map(([start, end]) => [start, end, content(text.slice(start, end))]));

const inOrder =
  (normalizers: readonly Normalizer[]): Normalizer =>
  (piece) =>
    normalizers.reduce((current, normalizer) => normalizer(current), piece);

/** A letter and its marks, or a run of Hangul letters: what composes or is decomposed together. */
const clusters = /[\u1100-\u11FF\uA960-\uA97F\uAC00-\uD7FF]+\p{M}*|\P{M}?\p{M}*/gu;

const unicodeForm = (form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Normalizer =>
  editing((text) => {
    const whole = text.normalize(form);
    if (whole === text) return [];
    const parts = matchesOf(text, clusters).map(
      ([start, end]): Edit => [start, end, text.slice(start, end).normalize(form)],
    );
    // Where letters compose over the clusters' edges the text is one cluster.
    if (parts.map(([, , content]) => content).join('') !== whole) return [[0, text.length, whole]];
    return parts.filter(([start, end, content]) => text.slice(start, end) !== content);
  });

/** Character by character: a final sigma is a sigma like any other. */
const lowercase: Normalizer = replacing(/\p{Changes_When_Lowercased}/gu, (character) => character.toLowerCase());

const stripEnds = (left: boolean, right: boolean): Normalizer =>
  editing((text) => {
    const blank = new RegExp(`^${whitespace}+$`, 'u').test(text);
    const edge = (wanted: boolean, source: string): Edit[] =>
      wanted ? matchesOf(text, new RegExp(source, 'gu')).map(([start, end]) => [start, end, '']) : [];
    if (blank) return left || right ? [[0, text.length, '']] : [];
    return [...edge(left, `^${whitespace}+`), ...edge(right, `${whitespace}+$`)];
  });

const han =
  /[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]/gu;

const bert = (part: Json): Normalizer => {
  const lower = flagIn(part, 'lowercase', true);
  return inOrder([
    ...(flagIn(part, 'clean_text', true)
      ? [
          replacing(/\uFFFD|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, () => ''),
          replacing(new RegExp(whitespace, 'gu'), () => ' '),
        ]
      : []),
    ...(flagIn(part, 'handle_chinese_chars', true) ? [replacing(han, (character) => ` ${character} `)] : []),
    ...(flagIn(part, 'strip_accents', lower) ? [unicodeForm('NFD'), replacing(/\p{Mn}+/gu, () => '')] : []),
    ...(lower ? [lowercase] : []),
  ]);
};

/** The rules of Google's neural translation system: most control characters go, other spaces are spaces. */
const nmt = inOrder([
  replacing(/\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0);
    if ([0x09, 0x0a, 0x0c, 0x0d].includes(code)) return ' ';
    return (code >= 1 && code <= 0x1f) || [0x7f, 0x8f, 0x9f].includes(code) ? '' : character;
  }),
  replacing(/[\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/gu, () => ' '),
]);

/**
 * A normalizer from its part of tokenizer.json; `null` changes nothing.
 * @throws RangeError naming a type that is not understood
 */
export const normalizerOf = (part: unknown, where = 'normalizer'): Normalizer => {
  if (part === null || part === undefined) return (piece) => piece;
  const type = typeOf(part, where);
  const at = `${where}: ${type}`;
  const json = part as Json;
  switch (type) {
    case 'Sequence':
      return inOrder(partsOf(json, 'normalizers', at).map((one) => normalizerOf(one, where)));
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return unicodeForm(type);
    case 'Lowercase':
      return lowercase;
    case 'StripAccents':
      return replacing(/\p{M}+/gu, () => '');
    case 'Strip':
      return stripEnds(flagIn(json, 'strip_left', true), flagIn(json, 'strip_right', true));
    case 'Replace': {
      const content = textIn(json, 'content', undefined, at);
      return replacing(patternOf(json.pattern, at), () => content);
    }
    case 'Prepend': {
      const prepended = textIn(json, 'prepend', undefined, at);
      return editing((text) => (text === '' ? [] : [[0, 0, prepended]]));
    }
    case 'ByteLevel':
      return editing((text) =>
        matchesOf(text, /[^!-~]/gu).map(([start, end]) => [start, end, byteLetters(text.slice(start, end))]),
      );
    case 'BertNormalizer':
      return bert(json);
    case 'Nmt':
      return nmt;
    default:
      throw new RangeError(
        `${at} is not supported (known: BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Prepend, Replace, Sequence, Strip, StripAccents)`,
      );
  }
};
