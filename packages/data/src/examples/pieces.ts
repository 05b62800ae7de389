import type { Draw } from '@svo/mdp';
import { endIdsOf } from './ends.ts';
import type { TokenizerLike } from './tokenizer.ts';

/** A part of an example's text behind its prompt: a step, or context between scored parts. */
export interface Piece {
  readonly text: string;
  /** How many UTF-16 code units from its beginning are scored: 0 for context. */
  readonly body: number;
  /** The tokens that were drawn for it. */
  readonly draw?: Draw | undefined;
}

/** A prompt and what follows as one run of tokens, with the tokens [start, end) of each piece's body. */
export interface Pieces {
  readonly ids: readonly number[];
  readonly spans: readonly (readonly [start: number, end: number])[];
  /** Log-prob of each token that was drawn; null for others. */
  readonly logps: readonly (number | null)[];
  /** What was drawn behind the last piece's text: the token that ended it. */
  readonly end?: { readonly id: number; readonly logp: number };
}

/** A prompt from a chat template holds special tokens; without them its text would not come back. */
const textOf = (ids: readonly number[], tokenizer: TokenizerLike): string =>
  tokenizer.decode(ids, { keepSpecialTokens: true });

/** A drawn token that is no part of the text: a small model writes a `<s>` in the middle of a step, and the step's text leaves it out. */
const isSilent = (id: number, tokenizer: TokenizerLike): boolean =>
  tokenizer.decode([id]) === '' && textOf([id], tokenizer) !== '';

const show = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

const notTheText = (decoded: string, text: string, hint: string): RangeError => {
  let at = 0;
  while (at < text.length && decoded[at] === text[at]) at++;
  return new RangeError(
    `tokenize: decode(encode(text)) must be the text, got ${show(decoded.slice(at))} where the text has ${show(text.slice(at))}, at character ${at} (${hint})`,
  );
};

/** The fewest tokens whose text begins with `text`. Decoded prefixes only grow, so halving finds it. */
const tokensCovering = (ids: readonly number[], text: string, tokenizer: TokenizerLike): number => {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (textOf(ids.slice(0, middle), tokenizer).startsWith(text)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Where the tokens of a piece's body end: a delimiter is a token or two, so that a walk back from the last one is shortest. */
const bodyEnd = (ids: readonly number[], start: number, { text, body }: Piece, tokenizer: TokenizerLike): number => {
  if (body === 0) return start;
  if (body === text.length) return ids.length;
  // By themselves the tokens may stand for another text: SentencePiece drops the space in front.
  const alone = textOf(ids.slice(start), tokenizer) === text;
  const from = alone ? start : 0;
  const whole = alone ? text : textOf(ids, tokenizer);
  const wanted = whole.slice(0, whole.length - (text.length - body));
  let end = ids.length;
  while (end > start && textOf(ids.slice(from, end - 1), tokenizer).startsWith(wanted)) end--;
  return end;
};

/** The tokens of a draw that stand for its piece's text, and the one behind them that ended it. */
const drawnTokens = ({ text, draw }: Piece, tokenizer: TokenizerLike) => {
  const { tokenIds, logps } = draw!;
  if (tokenIds.length !== logps.length) {
    throw new RangeError(
      `tokenize: draws must have one log-prob a token, got ${tokenIds.length} tokens and ${logps.length} log-probs`,
    );
  }
  const ends = endIdsOf(tokenizer);
  let length = tokenIds.length;
  while (length > 0 && ends.has(tokenIds[length - 1]!) && !text.endsWith(textOf([tokenIds[length - 1]!], tokenizer)))
    length--;
  const [id, logp] = [tokenIds[length], logps[length]];
  return {
    ids: tokenIds.slice(0, length),
    logps: logps.slice(0, length),
    ...(id !== undefined && logp !== undefined && { end: { id, logp } }),
  };
};

/**
 * A text's tokens behind others. By itself it may be tokenised as a beginning (legacy SentencePiece puts a space mark in front): then
 * they are those of the whole text that begin in it, unless a token reaches from one into the other.
 */
const behindOthers = (
  ids: readonly number[],
  before: string,
  text: string,
  tokenizer: TokenizerLike,
): readonly number[] => {
  const alone = tokenizer.encode(text);
  if (!tokenizer.encodeWithOffsets || textOf([...ids, ...alone], tokenizer) === textOf(ids, tokenizer) + text)
    return alone;
  const whole = tokenizer.encodeWithOffsets(before + text);
  const border = before.length;
  return whole.offsets.some(([start, end]) => start < border && end > border)
    ? alone
    : whole.ids.filter((_, at) => whole.offsets[at]![0] >= border);
};

/** Each piece's tokens behind those before it: as they were drawn, or encoded by themselves. */
const separate = (prompt: string, pieces: readonly Piece[], tokenizer: TokenizerLike): Pieces | RangeError => {
  const ids = [...tokenizer.encode(prompt)];
  const logps: (number | null)[] = ids.map(() => null);
  const spans: [number, number][] = [];
  let end: Pieces['end'];
  const mixed = pieces.some(({ draw }) => draw);
  let before = prompt;
  for (const piece of pieces) {
    const start = ids.length;
    const drawn = piece.draw && drawnTokens(piece, tokenizer);
    // Where every piece is text, the whole is encoded at once instead if its parts don't give it back.
    const tokens =
      drawn?.ids ?? (mixed ? behindOthers(ids, before, piece.text, tokenizer) : tokenizer.encode(piece.text));
    before += piece.text;
    tokens.forEach((id, at) => {
      ids.push(id);
      logps.push(drawn?.logps[at] ?? null);
    });
    end = drawn?.end;
    spans.push([start, bodyEnd(ids, start, piece, tokenizer)]);
  }
  const behind = pieces.map(({ text }) => text).join('');
  const whole = textOf(ids, tokenizer);
  const spoken = () => ids.filter((id, at) => logps[at] === null || !isSilent(id, tokenizer));
  const decoded = whole.endsWith(behind) ? whole : textOf(spoken(), tokenizer);
  // What was drawn is the text the model wrote; a prompt may come back otherwise.
  const drawn = pieces.every(({ draw }) => draw) && pieces.length > 0 && decoded.endsWith(behind);
  if (decoded !== prompt + behind && !drawn) {
    const some = pieces.some(({ draw }) => draw);
    return notTheText(
      decoded,
      prompt + behind,
      some ? "a step's draws must decode to its text" : "boundaries: 'joint' encodes the text as one piece",
    );
  }
  return { ids, spans, logps, ...(end && { end }) };
};

/** The whole text at once; its parts are found by offsets, or by decoding. */
const joint = (prompt: string, pieces: readonly Piece[], tokenizer: TokenizerLike): Pieces => {
  const text = prompt + pieces.map((piece) => piece.text).join('');
  const found = tokenizer.encodeWithOffsets?.(text);
  const ids = found?.ids ?? tokenizer.encode(text);
  if (found === undefined && textOf(ids, tokenizer) !== text)
    throw notTheText(textOf(ids, tokenizer), text, 'the tokenizer changes the text, and has no encodeWithOffsets');
  const covering = (characters: number): number =>
    found === undefined
      ? tokensCovering(ids, text.slice(0, characters), tokenizer)
      : found.offsets.findLastIndex(([start]) => start < characters) + 1;
  const spans: [number, number][] = [];
  let characters = prompt.length;
  let start = covering(characters);
  for (const piece of pieces) {
    spans.push([start, Math.max(start, covering(characters + piece.body))]);
    characters += piece.text.length;
    start = covering(characters);
  }
  return { ids, spans, logps: ids.map(() => null) };
};

/**
 * Encodes a prompt and pieces and finds each piece's body among the tokens. Without `boundaries`, pieces are encoded one by one
 * where that gives the text back, else together where the tokenizer has offsets. Drawn tokens are taken as they are, together
 * only when every piece has them.
 *
 * @throws RangeError where neither gives the text back
 */
export function encodePieces(
  prompt: string,
  pieces: readonly Piece[],
  tokenizer: TokenizerLike,
  boundaries: 'separate' | 'joint' | undefined,
): Pieces {
  if (boundaries === 'joint' && !(pieces.length > 0 && pieces.every(({ draw }) => draw)))
    return joint(prompt, pieces, tokenizer);
  const result = separate(prompt, pieces, tokenizer);
  if (!(result instanceof RangeError)) return result;
  const drawn = pieces.some(({ draw }) => draw);
  if (boundaries === undefined && !drawn && tokenizer.encodeWithOffsets) return joint(prompt, pieces, tokenizer);
  throw result;
}
