import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '..', 'bin.ts');
/** Beside the sources, so that the packages are found; git ignores it. */
const printed = join(import.meta.dirname, '..', '..', '.printed');

/** What a program came to. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The JSON lines of its output. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** An empty folder of one's own. */
export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'svo-cli-'));

/** Runs `svo` in a folder, to its end; `seen` may stop it when it has said something. */
export const svo = (
  cwd: string,
  args: readonly string[],
  seen?: (line: string, stop: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> => program(cwd, [bin, ...args], seen);

/** Runs a printed program in a folder. */
export async function runPrinted(cwd: string, code: string): Promise<Ended> {
  mkdirSync(printed, { recursive: true });
  const folder = mkdtempSync(join(printed, 'run-'));
  const file = join(folder, 'program.ts');
  writeFileSync(file, `${code}\nprocess.exit(0);\n`);
  try {
    return await program(cwd, [file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program of the repository in a folder, to its end. */
export function program(
  cwd: string,
  args: readonly string[],
  seen?: (line: string, stop: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=@svo/source', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err, read] = ['', '', 0];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (let end = out.indexOf('\n', read); end >= 0; end = out.indexOf('\n', read)) {
      seen?.(out.slice(read, end), (signal) => child.kill(signal));
      read = end + 1;
    }
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err, events: eventsIn(out) }));
  });
}

const eventsIn = (out: string): Readonly<Record<string, unknown>>[] =>
  out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
