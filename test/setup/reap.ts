/**
 * Whatever the tests start ends with them. Every process of a run inherits a mark in its environment; what still carries it
 * after the last test is ended, and so it is when the run itself is killed, by a reaper that waits for its end.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { endMarked } from './marked.ts';

/** vitest's global setup; what it returns runs after the last test. */
export default function reap(): () => void {
  const mark = `SVO_TEST_RUN=${randomUUID()}`;
  const [name, value] = mark.split('=') as [string, string];
  process.env[name] = value;
  const { [name]: _, ...unmarked } = process.env;
  const reaper = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'reaper.ts'), mark], {
    detached: true,
    env: unmarked,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.unref();
  (reaper.stdin as unknown as { unref(): void }).unref();
  return () => {
    for (const command of endMarked(mark, (line) => !isWorker(line)))
      console.warn(`ended what a test had left running: ${command}`);
  };
}

/** vitest's own processes, which it ends itself. */
const isWorker = (command: string): boolean => /vitest/.test(command);
