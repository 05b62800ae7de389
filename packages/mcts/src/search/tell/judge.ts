import { type Candidate, equivalentOf, type Verdict } from '@svo/mdp';
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
  const equivalent = equivalentOf('tell: rules.verifier', verdict);
  return equivalent === undefined ? 'undecided' : equivalent ? 'correct' : 'wrong';
}
