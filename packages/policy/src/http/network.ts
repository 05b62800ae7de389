import { PolicyError, policyError } from './errors.ts';

/** What `fetch` and its bodies reject with when the network fails: undici, Chrome, Firefox, Safari, Deno, Workers. */
const networkWords =
  /^(fetch failed|terminated|failed to fetch|network ?error|error in (input|body) stream|load failed|the network connection was lost|network connection lost|error sending request|error reading a body|other side closed)/i;

/** The classes of error that a defect of a program throws. A network says TypeError too, but by its own words or with a cause. */
function isDefect(error: unknown): boolean {
  if (!(error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)) return false;
  return !(error.cause instanceof Error || networkWords.test(error.message));
}

/**
 * What a request or a body rejected with, as a failure of the connection. Where the caller's own code took part (a `fetch` of
 * one's own), an error that only a defect throws is thrown on: as a failure it would be hidden on a node for ever.
 */
export function connectionError(error: unknown, ownCode: boolean): PolicyError {
  if (PolicyError.isInstance(error)) return error;
  if (ownCode && isDefect(error)) throw error;
  return policyError('connection', describe(error));
}

/** `fetch failed` says nothing; the code beneath it (ECONNREFUSED, UND_ERR_SOCKET, …) does. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed';
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? `${String(cause.code)} ` : '';
  return cause === undefined ? error.message : `${error.message}: ${code}${cause.message}`;
}
