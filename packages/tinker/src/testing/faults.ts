/** What can go wrong with one call. */

/**
 * - `drop`: the connection closes before the server has taken the request; `drop-reply`: after; `cut-reply`: in the middle of the reply.
 * - `garbage`: the request is taken, and a proxy answers a page instead.
 * - `busy`: 429, not taken; `early`: 425, not taken; `broken`: 503, not taken; `gateway`: 502, although the request was taken.
 * - `not-yet`: a question after a result is answered as if it were not there.
 * - `gone`: a question after a result is answered 410.
 * - `fail`: the request is taken, and fails when it is run.
 * - `restart`: the server is killed, loses what is not on disk, and comes back.
 */
export type Fault =
  | 'drop'
  | 'drop-reply'
  | 'cut-reply'
  | 'garbage'
  | 'busy'
  | 'early'
  | 'broken'
  | 'gateway'
  | 'not-yet'
  | 'gone'
  | 'fail'
  | 'restart';

/** A call as a fault is chosen for it. */
export interface Call {
  /** Calls before it, of any path. */
  readonly index: number;
  /** Below `/api/v1/`. */
  readonly path: string;
}

/** All of them. */
export const faults: readonly Fault[] = [
  'drop',
  'drop-reply',
  'cut-reply',
  'garbage',
  'busy',
  'early',
  'broken',
  'gateway',
  'not-yet',
  'gone',
  'fail',
  'restart',
];
