import { Interrupted } from '../errors.ts';

/**
 * A signal that Ctrl-C (or a terminating signal) aborts. The first one lets the update at hand end and be saved; the second ends
 * the program at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = (exitCode: number): void => {
    if (controller.signal.aborted) process.exit(exitCode);
    controller.abort(new Interrupted(exitCode));
  };
  process.on('SIGINT', () => stop(130));
  process.on('SIGTERM', () => stop(143));
  return controller.signal;
}
