import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Asked, RowVerdict } from '../stages/judging.ts';

/** How a judging process is started, and what it may spend. */
export interface ChildOptions {
  readonly verifier: string;
  readonly timeLimitS: number;
  readonly memoryMb: number;
}

/** A process that judges one row at a time. */
export interface JudgeChild {
  /** Whether its verifier wants an answer to compare with. */
  readonly needsAnswer: boolean;
  /** Its verdict, or within the time limit none: then, and where it broke, the process is gone. Never rejects. */
  readonly judge: (asked: Asked) => Promise<RowVerdict>;
  readonly ended: () => boolean;
  readonly kill: () => void;
}

const entry = fileURLToPath(
  new URL(`./judge-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * Starts a judging process: a process and not a thread, because a process can be killed whatever it does, and takes nobody with it
 * when its memory is spent.
 *
 * @throws Error when it ended before it could judge
 */
export async function startChild({ verifier, timeLimitS, memoryMb }: ChildOptions): Promise<JudgeChild> {
  // What is only the server's business is not for a verifier, and neither process's words are for the log.
  const { SVO_JUDGE_TOKEN: _, ...env } = process.env;
  const child = fork(entry, [verifier], {
    env,
    execArgv: [...process.execArgv, `--max-old-space-size=${memoryMb}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', process.env.SVO_DEBUG ? 'inherit' : 'ignore', 'ipc'],
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  keep(child);
  const { needsAnswer } = await firstMessage(child);

  let gone = false;
  let settle: ((verdict: RowVerdict) => void) | undefined;
  const end = (how: string): void => {
    gone = true;
    kill();
    settle?.({ correct: null, how });
  };
  child.on('message', (verdict: RowVerdict) => settle?.(verdict));
  child.on('error', () => end(broke));
  child.once('exit', () => end(broke));
  return {
    needsAnswer,
    kill,
    ended: () => gone,
    judge: (asked) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => end(`time limit: no verdict within ${timeLimitS} s`), timeLimitS * 1000);
        settle = (verdict) => {
          settle = undefined;
          clearTimeout(timer);
          resolve(verdict);
        };
        if (gone) end(broke);
        else child.send(asked, (error) => error !== null && end(broke));
      }),
  };
}

const broke = 'the judging process ended (its memory was spent, or the verifier broke it)';

/** Processes that run: none is left behind when this one ends. */
const running = new Set<ChildProcess>();
const killAll = (): void => {
  for (const child of running) child.kill('SIGKILL');
};

function keep(child: ChildProcess): void {
  if (running.size === 0) process.once('exit', killAll);
  running.add(child);
  child.once('exit', () => {
    running.delete(child);
    if (running.size === 0) process.off('exit', killAll);
  });
}

function firstMessage(child: ChildProcess): Promise<{ needsAnswer: boolean }> {
  return new Promise((resolve, reject) => {
    const failed = (why: unknown): void => {
      child.kill('SIGKILL');
      reject(new Error(`svo judge: a judging process did not start: ${why}`));
    };
    child.once('error', failed);
    child.once('exit', failed);
    child.once('message', (message: { needsAnswer: boolean; failed?: string }) => {
      child.off('error', failed).off('exit', failed);
      if (message.failed !== undefined) failed(message.failed);
      else resolve(message);
    });
  });
}
