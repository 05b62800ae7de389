/** A process that answers one JSON line with another: both sides of a comparison look alike from here. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Peer {
  readonly name: string;
  readonly ask: <T>(command: object) => Promise<T>;
  readonly stop: () => void;
}

export function startPeer(
  name: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Peer {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    async ask<T>(request: object): Promise<T> {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      // Libraries may greet on stdout; answers are the lines that are JSON objects.
      for (;;) {
        const { value, done } = await answers.next();
        if (done) throw new Error(`${name} ended while asked ${JSON.stringify(request).slice(0, 200)}`);
        if (value.startsWith('{')) return JSON.parse(value) as T;
      }
    },
    stop: () => void child.stdin.end(),
  };
}

export function summary(numbers: readonly number[]): {
  median: number;
  low: number;
  high: number;
  min: number;
  count: number;
} {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (fraction: number): number => sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]!;
  return { median: at(0.5), low: at(0.1), high: at(0.9), min: sorted[0]!, count: sorted.length };
}
