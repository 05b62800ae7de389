/** tokenizer.json's pre-tokenizers, as the Rust library `tokenizers` computes them: how a text is cut before the model sees it. */

import { flagIn, type Json, partsOf, textIn, typeOf } from '../json.ts';
import { byteLetters } from './byte-level.ts';
import { matchesOf, patternOf, punctuation, whitespace, wordCharacter } from './pattern.ts';
import { editPiece, type Piece, slicePiece } from './piece.ts';

/** Cuts a piece; what it leaves out is not encoded. */
export type PreTokenizer = (piece: Piece) => Piece[];

type Span = readonly [start: number, end: number];

const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
type Behavior = (typeof behaviors)[number];

/** A text as matches and what lies between them. */
const marked = (text: string, pattern: RegExp, invert: boolean): { span: Span; match: boolean }[] => {
  const spans: { span: Span; match: boolean }[] = [];
  let at = 0;
  for (const [start, end] of matchesOf(text, pattern)) {
    if (at < start) spans.push({ span: [at, start], match: invert });
    spans.push({ span: [start, end], match: !invert });
    at = end;
  }
  if (at < text.length) spans.push({ span: [at, text.length], match: invert });
  return spans;
};

/** Joins each span to the one before it where `joins` says so. */
const joined = (
  spans: readonly { span: Span; match: boolean }[],
  joins: (match: boolean, previous: boolean) => boolean,
): Span[] => {
  const result: [number, number][] = [];
  let previous: boolean | undefined;
  for (const { span, match } of spans) {
    const last = result.at(-1);
    if (last && previous !== undefined && joins(match, previous)) last[1] = span[1];
    else result.push([...span]);
    previous = match;
  }
  return result;
};

const mergedWithNext = (spans: readonly { span: Span; match: boolean }[], length: number): Span[] => {
  const mirrored = spans.map(({ span: [start, end], match }) => ({
    span: [length - end, length - start] as Span,
    match,
  }));
  return joined(mirrored.reverse(), (match, previous) => match && !previous)
    .map(([start, end]): Span => [length - end, length - start])
    .reverse();
};

const spansOf = (text: string, pattern: RegExp, behavior: Behavior, invert: boolean): Span[] => {
  const spans = marked(text, pattern, invert);
  switch (behavior) {
    case 'Removed':
      return spans.filter(({ match }) => !match).map(({ span }) => span);
    case 'Isolated':
      return spans.map(({ span }) => span);
    case 'Contiguous':
      return joined(spans, (match, previous) => match === previous);
    case 'MergedWithPrevious':
      return joined(spans, (match, previous) => match && !previous);
    case 'MergedWithNext':
      return mergedWithNext(spans, text.length);
  }
};

const splitting =
  (pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer =>
  (piece) =>
    spansOf(piece.text, pattern, behavior, invert).map(([start, end]) => slicePiece(piece, start, end));

const inOrder =
  (preTokenizers: readonly PreTokenizer[]): PreTokenizer =>
  (piece) =>
    preTokenizers.reduce<Piece[]>((pieces, cut) => pieces.flatMap(cut), [piece]);

const behaviorIn = (json: Json, where: string): Behavior => {
  const given = textIn(json, 'behavior', 'Isolated', where).toLowerCase().replaceAll('_', '');
  const known = behaviors.find((behavior) => behavior.toLowerCase() === given);
  if (known) return known;
  throw new RangeError(`${where}: behavior must be one of ${behaviors.join(', ')}, got '${String(json.behavior)}'`);
};

const gpt2Words = (): RegExp =>
  patternOf(
    { Regex: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+" },
    'pre_tokenizer: ByteLevel',
  );

/** Every character but printable ASCII is written anew, byte by byte. */
const lettered = (piece: Piece): Piece =>
  piece.alignment
    ? editPiece(
        piece,
        matchesOf(piece.text, /[^!-~]/gu).map(([start, end]) => [
          start,
          end,
          byteLetters(piece.text.slice(start, end)),
        ]),
      )
    : { ...piece, text: byteLetters(piece.text) };

const byteLevel = (json: Json): PreTokenizer => {
  const prefix = flagIn(json, 'add_prefix_space', true);
  const cut = flagIn(json, 'use_regex', true) ? splitting(gpt2Words(), 'Isolated') : (piece: Piece) => [piece];
  return (piece) => {
    const spaced = prefix && !piece.text.startsWith(' ') ? editPiece(piece, [[0, 0, ' ']]) : piece;
    return cut(spaced).map(lettered);
  };
};

/** Spaces become a mark, and one is put in front of every text, of the first alone, or of none. */
const metaspace = (json: Json, where: string): PreTokenizer => {
  const mark = textIn(json, 'replacement', '▁', where);
  const scheme = textIn(json, 'prepend_scheme', json.add_prefix_space === false ? 'never' : 'always', where);
  if (!['always', 'first', 'never'].includes(scheme))
    throw new RangeError(`${where}: prepend_scheme must be always, first or never, got '${scheme}'`);
  const words = splitting(patternOf({ String: mark }, where), 'MergedWithNext');
  const cut = flagIn(json, 'split', true) ? words : (piece: Piece) => [piece];
  return (piece) => {
    const spaces = matchesOf(piece.text, / /g);
    const replaced = editPiece(
      piece,
      spaces.map(([start, end]) => [start, end, mark]),
    );
    const prepend = scheme === 'always' || (scheme === 'first' && piece.first);
    return cut(prepend && !replaced.text.startsWith(mark) ? editPiece(replaced, [[0, 0, mark]]) : replaced);
  };
};

const fixedLength = (json: Json, where: string): PreTokenizer => {
  const length = json.length ?? 5;
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 1)
    throw new RangeError(`${where}: length must be an integer ≥ 1, got ${JSON.stringify(length)}`);
  return splitting(new RegExp(`[^]{1,${length}}`, 'gu'), 'Isolated');
};

const words = inOrder([
  splitting(new RegExp(whitespace, 'gu'), 'Removed'),
  splitting(new RegExp(punctuation, 'gu'), 'Isolated'),
]);

/**
 * A pre-tokenizer from its part of tokenizer.json; `null` cuts nothing.
 * @throws RangeError naming a type that is not understood
 */
export const preTokenizerOf = (part: unknown, where = 'pre_tokenizer'): PreTokenizer => {
  if (part === null || part === undefined) return (piece) => [piece];
  const type = typeOf(part, where);
  const at = `${where}: ${type}`;
  const json = part as Json;
  switch (type) {
    case 'Sequence':
      return inOrder(partsOf(json, 'pretokenizers', at).map((one) => preTokenizerOf(one, where)));
    case 'ByteLevel':
      return byteLevel(json);
    case 'Metaspace':
      return metaspace(json, at);
    case 'Split':
      return splitting(patternOf(json.pattern, at), behaviorIn(json, at), flagIn(json, 'invert', false));
    case 'Punctuation':
      return splitting(new RegExp(punctuation, 'gu'), behaviorIn(json, at));
    case 'Digits':
      return splitting(/\p{N}/gu, flagIn(json, 'individual_digits', false) ? 'Isolated' : 'Contiguous');
    case 'Whitespace':
      return splitting(
        new RegExp(`${wordCharacter}+|(?:(?!${wordCharacter})\\P{White_Space})+`, 'gu'),
        'Removed',
        true,
      );
    case 'WhitespaceSplit':
      return splitting(new RegExp(whitespace, 'gu'), 'Removed');
    case 'CharDelimiterSplit':
      return splitting(patternOf({ String: textIn(json, 'delimiter', undefined, at) }, at), 'Removed');
    case 'BertPreTokenizer':
      return words;
    case 'FixedLength':
      return fixedLength(json, at);
    default:
      throw new RangeError(
        `${at} is not supported (known: BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace, Punctuation, Sequence, Split, Whitespace, WhitespaceSplit)`,
      );
  }
};
