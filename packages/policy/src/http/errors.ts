import type { Failure } from '@svo/mdp';

/**
 * A request to a model server that did not succeed, as an error. Policies turn it into a candidate that carries
 * `failure`; value models and scorers, which have nowhere to put a failure, reject with it.
 * Its message names the server's answer and the next action, and never holds a key.
 *
 * @example
 * ```ts
 * import { PolicyError } from '@svo/policy';
 * const error = new PolicyError({ kind: 'timeout', message: 'no answer within 100 ms' });
 * error.failure.kind; // => 'timeout'
 * PolicyError.isInstance(error); // => true
 * ```
 */
export class PolicyError extends Error {
  /** What went wrong, as the value a tree's node keeps. */
  readonly failure: Failure;
  /** Survives two installed copies of this package, which `instanceof` does not. */
  readonly brand: '@svo/policy' = '@svo/policy';

  constructor(failure: Failure) {
    super(`${failure.kind}: ${failure.message}`);
    this.name = 'PolicyError';
    this.failure = failure;
  }

  /** True for a PolicyError of any installed copy of this package. */
  static isInstance(value: unknown): value is PolicyError {
    return value instanceof Error && 'brand' in value && value.brand === '@svo/policy';
  }
}

/** A shorter way to write `new PolicyError({ kind, message, … })`. */
export function policyError(kind: Failure['kind'], message: string, retryAfterMs?: number): PolicyError {
  return new PolicyError(retryAfterMs === undefined ? { kind, message } : { kind, message, retryAfterMs });
}

/**
 * The failure a thrown value stands for. Only a PolicyError stands for one: anything else is a defect of the program
 * (a TypeError, say), and is thrown on, since hiding it on a node would hide it for ever.
 */
export function failureOf(thrown: unknown): Failure {
  if (PolicyError.isInstance(thrown)) return thrown.failure;
  throw thrown;
}
