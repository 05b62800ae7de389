import type { Verdict } from './types.ts';

/**
 * What a verdict of somebody's own verifier decides: right, wrong, or `undefined` where nobody can tell. A promise of a verdict, a
 * generator, or a word in place of true and false is a defect of the verifier: read as a verdict it would count every answer as
 * wrong, undecided or right. A promise's later rejection is heard here, so that it does not end the process.
 *
 * @param source who asks, as `function: argument`
 * @throws RangeError for anything else than a verdict
 * @example
 * ```ts
 * import { equivalentOf } from '@svo/mdp';
 * equivalentOf('answerQuestions: verifier', { equivalent: true, how: 'identical' }); // => true
 * ```
 */
export function equivalentOf(source: string, verdict: Verdict): boolean | undefined {
  const given: unknown = verdict;
  const promised = given instanceof Promise;
  if (promised) given.catch(() => undefined);
  if (promised || typeof given !== 'object' || given === null || !('equivalent' in given)) {
    const got = promised ? 'a promise (verifiers are synchronous)' : String(given);
    throw new RangeError(`${source} must return a verdict with 'equivalent', got ${got}`);
  }
  const { equivalent } = given;
  if (typeof equivalent === 'boolean' || equivalent === undefined) return equivalent;
  const got = typeof equivalent === 'string' ? JSON.stringify(equivalent) : String(equivalent);
  throw new RangeError(`${source} must return a verdict whose equivalent is true, false or undefined, got ${got}`);
}
