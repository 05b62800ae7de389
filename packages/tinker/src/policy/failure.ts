import type { Failure } from '@svo/mdp';
import { PromiseLost, ProtocolError, SessionLost, TinkerHttpError, TinkerRequestFailed } from '../wire/errors.ts';

/** The failure that a server's error stands for on a tree's node. Anything else is a defect, and thrown on. */
export function failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted) return { kind: 'cancelled', message: 'cancelled by the caller' };
  if (error instanceof TinkerHttpError) return { kind: kindOf(error.status), message: error.message };
  if (error instanceof ProtocolError) return { kind: 'malformed', message: error.message };
  if (error instanceof TinkerRequestFailed)
    return { kind: error.category === 'user' ? 'refused' : 'server', message: error.message };
  if (error instanceof PromiseLost || error instanceof SessionLost) return { kind: 'server', message: error.message };
  throw error;
}

function kindOf(status: number): Failure['kind'] {
  if (status === 0) return 'connection';
  if (status === 429) return 'rate-limit';
  return status >= 500 ? 'server' : 'refused';
}
