import { encodeEvent, type JournalEvent } from './journal-events.ts';
import { frame, JOURNAL_MAGIC, readFrames } from './journal-frames.ts';

/** An append-only record of searches, to go on from after a crash, and to replay a free-order search exactly. */
export interface Journal {
  /** For errors: the file's path. */
  readonly name: string;
  /** What the journal held when it was opened. */
  readonly past: Uint8Array;
  /** How many searches have begun in it. */
  readonly begun: () => number;
  readonly append: (event: JournalEvent) => void;
  readonly close: () => void;
}

/**
 * A journal in a file, made if it is not there. Each event is handed to the operating system as it happens, so killing the
 * process loses nothing but an event half written, which is cut off at the next opening.
 *
 * @param path where; the directory must exist
 * @throws FormatError for a file that is no journal, or one that was changed
 * @throws Error from the file system, and outside Node
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import type { Policy } from '@svo/mdp';
 * import { dvoSearch, openJournal, replayJournal, search, uniformPrior } from '@svo/mcts';
 * const path = join(mkdtempSync(join(tmpdir(), 'svo-')), 'a.journal');
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 5, finish: 'answer' }] };
 * const rules = dvoSearch({ verifier: () => ({ equivalent: true, how: 'test' }), prior: uniformPrior });
 * const journal = openJournal(path);
 * await search({ question: { id: 'a', prompt: '2 + 3?' }, policy, rules, journal });
 * journal.close();
 * replayJournal(openJournal(path).past, rules)[0]!.tree.values[0]; // => 1
 * ```
 */
export function openJournal(path: string): Journal {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  if (fs === undefined) throw new Error('openJournal: needs a file system, which only Node gives (use memoryJournal)');
  const file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT);
  try {
    const { end } = readFrames(new Uint8Array(fs.readFileSync(path)), path);
    fs.ftruncateSync(file, end);
  } catch (error) {
    fs.closeSync(file);
    throw error;
  }
  let at = fs.fstatSync(file).size;
  const write = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(file, bytes, done, bytes.length - done, at + done);
    at += bytes.length;
  };
  return journalOver(path, new Uint8Array(fs.readFileSync(path)), write, () => fs.closeSync(file));
}

/**
 * A journal in memory: the same events, for tests and for places without files.
 *
 * @param past a journal's bytes to go on from; what is after its last whole event is dropped
 * @returns the journal, and `bytes()`, all of it so far
 * @throws FormatError for bytes that are no journal, or were changed
 * @example
 * ```ts
 * import { memoryJournal } from '@svo/mcts';
 * memoryJournal().bytes().length; // => 8
 * ```
 */
export function memoryJournal(past: Uint8Array = new Uint8Array(0)): Journal & { readonly bytes: () => Uint8Array } {
  const whole = past.slice(0, readFrames(past, 'memory').end);
  const parts: Uint8Array[] = [whole];
  const journal = journalOver(
    'memory',
    whole,
    (bytes) => parts.push(bytes),
    () => {},
  );
  const bytes = (): Uint8Array => {
    const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  return { ...journal, bytes };
}

const journalOver = (
  name: string,
  past: Uint8Array,
  write: (bytes: Uint8Array) => void,
  close: () => void,
): Journal => {
  const frames = readFrames(past, name);
  let seed = frames.next;
  let lanes = frames.payloads.filter(({ bytes }) => bytes[0] === 1).length;
  if (past.length === 0) write(JOURNAL_MAGIC);
  return {
    name,
    past,
    begun: () => lanes,
    append: (event) => {
      if (event.kind === 'begin') lanes++;
      const framed = frame(encodeEvent(event), seed);
      seed = framed.next;
      write(framed.bytes);
    },
    close,
  };
};
