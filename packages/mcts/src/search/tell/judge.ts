import type { Candidate, Verdict } from '@svo/mdp';
import type { Rules } from '../../rules/rules.ts';
import { responseTo } from '../../tree/path.ts';
import type { Outcome } from '../../tree/status.ts';
import type { Tree } from '../../tree/tree.ts';

/** How a good candidate ends: by its own word, or by the judge's for an answer. `undefined` for a step to go on from. */
export function outcomeOf(
  tree: Tree,
  rules: Rules,
  leaf: number,
  candidate: Candidate,
  value: number | undefined,
): Outcome | undefined {
  if (candidate.finish === 'length') return 'cut';
  if (candidate.finish === 'step') {
    return tree.prefix.length + tree.depths[leaf]! + 1 >= rules.depth ? 'deep' : undefined;
  }
  if (rules.verifier !== undefined) {
    return outcomeOfVerdict(rules.verifier(tree.question, responseTo(tree, leaf) + candidate.text));
  }
  if (value !== undefined) return 'undecided';
  throw new RangeError('tell: an answer needs a judge, got neither rules.verifier nor a value for it');
}

/**
 * A verdict as an outcome.
 *
 * @throws RangeError for something else than a verdict: a promise of one would count every answer as undecided
 */
export function outcomeOfVerdict(verdict: Verdict): Outcome {
  if (typeof verdict !== 'object' || verdict === null || !('equivalent' in verdict)) {
    const given: unknown = verdict;
    const got = given instanceof Promise ? 'a promise (verifiers are synchronous)' : String(given);
    throw new RangeError(`tell: rules.verifier must return a verdict with 'equivalent', got ${got}`);
  }
  const { equivalent } = verdict;
  return equivalent === undefined ? 'undecided' : equivalent ? 'correct' : 'wrong';
}
