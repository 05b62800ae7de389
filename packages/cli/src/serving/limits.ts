/** What one server may spend. Everything has a bound; what is over it is refused or left undecided, never waited for. */
export interface ServeLimits {
  /** Processes that judge. */
  readonly workers: number;
  /** Seconds of one verdict; then its process is killed, and the row is undecided. */
  readonly timeLimitS: number;
  /** Megabytes of a judging process's heap; over it the process ends, and the row is undecided. */
  readonly memoryMb: number;
  /** Megabytes of one request. */
  readonly bodyMb: number;
  /** Rows of one request. */
  readonly rows: number;
  /** Rows that wait for a process; a request that would make them more is told to come again (429). */
  readonly queue: number;
  /** Seconds until a request is answered; rows that were not judged by then are undecided. */
  readonly requestS: number;
  /** Seconds in which a request has to have come in, and its answer to have been taken; a third of them for its headers. */
  readonly transferS: number;
}

/** Limits for this machine. */
export const usualLimits = (processors: number): ServeLimits => ({
  workers: Math.max(1, Math.min(8, processors)),
  timeLimitS: 5,
  memoryMb: 256,
  bodyMb: 8,
  rows: 1024,
  queue: 8192,
  requestS: 60,
  transferS: 30,
});

/** Bytes of all requests that are held at once: eight of the largest. */
export const heldBytes = ({ bodyMb }: ServeLimits): number => 8 * bodyBytes({ bodyMb });

export const bodyBytes = ({ bodyMb }: Pick<ServeLimits, 'bodyMb'>): number => Math.floor(bodyMb * 1_000_000);

/** Connections that are open at once. */
export const mostConnections = 512;
