import type { StepFormat } from '@svo/mdp';

/** The part of a text that is kept as a step: `body` begins at `from`; `isCut` when more of the text follows it. */
export interface KeptStep {
  readonly from: number;
  readonly body: string;
  readonly isCut: boolean;
}

/**
 * The first step of a text that is not blank; undefined where there is none. Blank lines before it are no step, and none of
 * its text: a model that thinks first leaves them, and a server that was told to stop at one may not have.
 */
export function keptStep(text: string, format: StepFormat): KeptStep | undefined {
  let from = 0;
  for (const piece of format.split(text)) {
    const lead = leadingBlanks(piece, format);
    if (piece.trim() !== '') {
      const body = piece.slice(lead);
      return { from: from + lead, body, isCut: from + piece.length < text.length };
    }
    from += piece.length;
  }
  return undefined;
}

/** Blank lines that a piece begins with, where the format ends its steps by newlines alone. */
const leadingBlanks = (piece: string, format: StepFormat): number =>
  format.delimiter.trim() === '' ? piece.length - piece.replace(/^(?:[^\S\n]*\n)+/, '').length : 0;

/** Servers strip the stop string, or part of the delimiter with it; a step keeps its whole delimiter. */
export function withDelimiter(text: string, format: StepFormat): string {
  if (format.delimiterLength(text) >= format.delimiter.length) return text;
  const stop = format.stop.find((candidate) => candidate !== '' && text.endsWith(candidate));
  return (stop === undefined ? text : text.slice(0, -stop.length)) + format.delimiter;
}
