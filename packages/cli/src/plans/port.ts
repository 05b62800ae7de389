import { UsageError } from '../errors.ts';

/** The port that was asked for; 0 (default) is whichever is free. @throws UsageError where it is none */
export function portOf(port = '0'): number {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new UsageError(`--port: must be a number from 0 to 65535, got '${port}'`);
  return Number(port);
}
