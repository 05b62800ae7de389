/** What can go wrong between here and a server. No message holds a key, or what was sent. */

const brand = '@svo/tinker';

abstract class TinkerError extends Error {
  /** Survives two installed copies of this package, which `instanceof` does not. */
  readonly brand: string = brand;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** True for an error of any installed copy of this package. */
export function isTinkerError(error: unknown): error is Error {
  return error instanceof Error && 'brand' in error && error.brand === brand;
}

/**
 * A request that the server refused, or that never got an answer (`status` 0: no connection, or none in time). `detail` is
 * the server's own word, without what it echoed of the request.
 */
export class TinkerHttpError extends TinkerError {
  readonly status: number;
  readonly detail: string;

  constructor(path: string, status: number, detail: string) {
    const what = status === 0 ? 'no answer' : `HTTP ${status}`;
    super('TinkerHttpError', `${path}: ${what}${detail === '' ? '' : `: ${detail}`}`);
    this.status = status;
    this.detail = detail;
  }
}

/** Whose fault the server says a failed request is. */
export type FailureCategory = 'unknown' | 'server' | 'user';

/** A request that was accepted, and failed when the server ran it. */
export class TinkerRequestFailed extends TinkerError {
  readonly category: FailureCategory;

  constructor(path: string, category: FailureCategory, detail: string) {
    super('TinkerRequestFailed', `${path}: the server failed to run it (${category}): ${detail}`);
    this.category = category;
  }
}

/** The server took a request and will not say what came of it: whether it was run, nobody knows. */
export class PromiseLost extends TinkerError {
  constructor(path: string, why: string) {
    super('PromiseLost', `${path}: its result is lost (${why}); whether it was run is not known`);
  }
}

/** The server knows the session no more, and its models with it: resume from the last checkpoint in a new one. */
export class SessionLost extends TinkerError {
  constructor(why: string) {
    super('SessionLost', `the session is lost (${why}); open a new service and resume from the last checkpoint`);
  }
}

/** A reply that is not what the protocol promises. */
export class ProtocolError extends TinkerError {
  constructor(path: string, what: string) {
    super('ProtocolError', `${path}: the reply is not what the Tinker protocol promises: ${what}`);
  }
}

/**
 * A model on which an update may be half done: a gradient that nobody stepped with, or a step that nobody confirmed. It takes
 * no further work, since that would be built on weights nobody knows.
 */
export class ModelInDoubt extends TinkerError {
  constructor(model: string, why: string) {
    super(
      'ModelInDoubt',
      `model ${model}: an earlier update may be half done (${why}); resume from the last checkpoint instead`,
    );
  }
}
