import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, eventsIn, lineReader, type Seen } from './ended.ts';

/** The program itself, as npm links it. */
export const bin: string = join(import.meta.dirname, '..', 'bin.ts');
/** Beside the sources, so that the packages are found; git ignores it. */
const printed = join(import.meta.dirname, '..', '..', '.printed');

/** How a program is run. */
interface Running {
  readonly stdin?: string;
  /** Told every line of its output; may press Ctrl-C. */
  readonly seen?: Seen;
  /** `SVO_KILL_AT` of kill-at.ts. */
  readonly killAt?: string;
}

/** Runs a program of the repository in a folder, in a process of its own, to its end. */
export function program(cwd: string, args: readonly string[], running: Running = {}): Promise<Ended> {
  const { stdin = '', seen, killAt } = running;
  const hook = killAt === undefined ? [] : ['--import', join(import.meta.dirname, 'kill-at.ts')];
  const child = spawn(process.execPath, ['--conditions=@svo/source', ...hook, ...args], {
    cwd,
    env: { ...process.env, ...(killAt !== undefined && { SVO_KILL_AT: killAt }) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Once, however many lines ask for it: a second Ctrl-C ends a program at once, before it has said a word.
  let pressed = false;
  const read = lineReader(seen, () => {
    if (!pressed) child.kill('SIGINT');
    pressed = true;
  });
  let [out, err] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    read(text);
  });
  // A program that ends without reading closes the pipe.
  child.stdin.on('error', () => {}).end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err, events: eventsIn(out) }));
  });
}

/** `svo` in a process of its own that kills itself at a place; fails where it never came there. */
export async function killed(cwd: string, args: readonly string[], place: string): Promise<void> {
  const { code, err } = await program(cwd, [bin, ...args], { killAt: place });
  if (code !== null) throw new Error(`it ended with ${code} before it came to ${place}: ${err}`);
}

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
