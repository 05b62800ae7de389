import type { Bar } from './bar.ts';
import { lineBar, terminalBar } from './bars.ts';
import type { Streams } from './streams.ts';

/** Where a command says what it does: lines for people on a terminal, one JSON object a line elsewhere. */
export interface Shell {
  /** @param text for people; @param record for programs, beside the event's name. */
  readonly tell: (event: string, record: Readonly<Record<string, unknown>>, text: string) => void;
  readonly bar: (stage: string, unit: string) => Bar;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What it stands on. */
  readonly streams: Streams;
}

/** A shell that speaks on the standard output. */
export function openShell(streams: Streams, signal: AbortSignal): Shell {
  const out = streams.stdout;
  const record = (event: string, fields: Readonly<Record<string, unknown>>): void => {
    out.write(`${JSON.stringify({ event, ...fields })}\n`);
  };
  return {
    signal,
    streams,
    tell: (event, fields, text) => {
      if (out.isTTY) out.write(`${text}\n`);
      else record(event, fields);
    },
    bar: (stage, unit) =>
      out.isTTY ? terminalBar(stage, unit, out) : lineBar((fields) => record('progress', { stage, unit, ...fields })),
  };
}
