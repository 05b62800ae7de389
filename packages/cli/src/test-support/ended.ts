/** What a program came to. */
export interface Ended {
  /** None where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The JSON lines of its output. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Is told every line, and may interrupt who said it. */
export type Seen = (line: string, interrupt: () => void) => void;

export const eventsIn = (out: string): Readonly<Record<string, unknown>>[] =>
  out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** Takes text in pieces, and tells whole lines. */
export function lineReader(seen: Seen | undefined, interrupt: () => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) seen?.(line, interrupt);
  };
}
