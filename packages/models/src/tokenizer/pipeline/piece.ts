/** A part of a text on its way to the model, and, where offsets are asked for, what of the original each code unit stands for. */

/** Which part of the original each UTF-16 code unit of a changed text stands for. */
export interface Alignment {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A part of a text. */
export interface Piece {
  readonly text: string;
  /** Whether it begins where the whole text does. */
  readonly first: boolean;
  readonly alignment?: Alignment;
}

/** Put `content` in the place of [start, end). Lists of edits are in order and do not overlap. */
export type Edit = readonly [start: number, end: number, content: string];

/** A part of a whole text, with offsets only where they are asked for. */
export const pieceOf = (whole: string, start: number, end: number, withOffsets: boolean): Piece => {
  const text = whole.slice(start, end);
  const first = start === 0;
  if (!withOffsets) return { text, first };
  const starts = Array.from({ length: text.length }, (_, i) => start + i);
  return { text, first, alignment: { starts, ends: starts.map((at) => at + 1) } };
};

/** [from, to) of a piece. */
export const slicePiece = ({ text, first, alignment }: Piece, from: number, to: number): Piece => ({
  text: text.slice(from, to),
  first: first && from === 0,
  ...(alignment && { alignment: { starts: alignment.starts.slice(from, to), ends: alignment.ends.slice(from, to) } }),
});

/** The piece's place in the original before its code unit `at`; behind the last one, its end. */
const placeOf = ({ starts, ends }: Alignment, at: number): number =>
  at < starts.length ? starts[at]! : (ends.at(-1) ?? 0);

/** A piece with edits made. What is put in where nothing was (a space in front) stands for nothing. */
export const editPiece = (piece: Piece, edits: readonly Edit[]): Piece => {
  if (edits.length === 0) return piece;
  const { text, first, alignment } = piece;
  const parts: string[] = [];
  const [starts, ends]: [number[], number[]] = [[], []];
  let at = 0;
  const keep = (to: number): void => {
    parts.push(text.slice(at, to));
    for (let i = at; alignment && i < to; i++) {
      starts.push(alignment.starts[i]!);
      ends.push(alignment.ends[i]!);
    }
    at = to;
  };
  for (const [start, end, content] of edits) {
    keep(start);
    parts.push(content);
    if (alignment) {
      const from = placeOf(alignment, start);
      const to = end > start ? alignment.ends[end - 1]! : from;
      for (let i = 0; i < content.length; i++) {
        starts.push(from);
        ends.push(to);
      }
    }
    at = end;
  }
  keep(text.length);
  return { text: parts.join(''), first, ...(alignment && { alignment: { starts, ends } }) };
};
