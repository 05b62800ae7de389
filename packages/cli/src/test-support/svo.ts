import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { Interrupted } from '../errors.ts';
import { main } from '../main.ts';
import { type Ended, eventsIn, lineReader, type Seen } from './ended.ts';

/** An empty folder of one's own. */
export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'svo-cli-'));

/**
 * Runs `svo` in a folder, to its end, within this process: what the bin runs, on streams that are kept. `seen` may interrupt
 * it as Ctrl-C does, and it is interrupted before it says the next line.
 */
export async function svo(cwd: string, args: readonly string[], seen?: Seen): Promise<Ended> {
  const controller = new AbortController();
  const read = lineReader(seen, () => controller.abort(new Interrupted(130)));
  const [stdout, stderr] = [kept(read), kept()];
  const home = process.cwd();
  process.chdir(cwd);
  try {
    const streams = { stdin: Readable.from([]), stdout: stdout.stream, stderr: stderr.stream };
    const code = await main(args, streams, () => controller.signal);
    return { code, out: stdout.text(), err: stderr.text(), events: eventsIn(stdout.text()) };
  } finally {
    process.chdir(home);
  }
}

/** A stream that keeps what is written to it, and hands it on at once. */
function kept(heard: (text: string) => void = () => {}) {
  let all = '';
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      all += text;
      heard(text);
      done();
    },
  });
  return { stream, text: () => all };
}
