import type { Candidate, Failure } from '@svo/mdp';
import type { Rules } from '../../rules/rules.ts';
import { EXPANDED, IN_FLIGHT, KIND } from '../../tree/status.ts';
import type { Tree, Usage } from '../../tree/tree.ts';
import { drawOf } from '../ask/candidates.ts';
import { type Child, expand } from './expand.ts';
import { faultsOf, isLoss, MOST_TEXT, NO_CANDIDATES, requireCount } from './faults.ts';
import { outcomeOf } from './judge.ts';
import { isAllLost, lose } from './lose.ts';
import { merge } from './merge.ts';

/**
 * Takes the answer for a leaf that `ask` handed out: merges equal candidates, judges answers, adds the children, backs up.
 * Answers may come in any order. Telling a leaf twice changes nothing.
 *
 * A candidate that is no good becomes a child with a typed outcome ({@link Outcome}). One that the model wrote and that is no
 * step (`unparsable`, `too-large`) is `unusable`; every other failure is a server's, and its draws are `lost`: they count for
 * nothing. An answer all of whose draws were lost leaves the leaf open, to be asked again; the third in a row closes it,
 * without a visit and without a value.
 *
 * @param values a value model's estimate for the state after each candidate, if there is one
 * @returns whether the leaf was taken
 * @throws RangeError when the leaf was never handed out, when `values` has another length than `candidates` or holds
 *   something else than numbers, when counts or log-probs are none, or when an answer can be judged neither by
 *   `rules.verifier` nor by a value; the tree is then as it was
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { ask, createTree, dvoSearch, tell, uniformPrior } from '@svo/mcts';
 * const verifier: Verifier = (_, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const rules = dvoSearch({ verifier, prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: 'What is 2 + 3?' });
 * const right = { text: 'It is 5.', count: 3, finish: 'answer' } as const;
 * const wrong = { text: 'It is 6.', count: 1, finish: 'answer' } as const;
 * tell(tree, rules, ask(tree, rules)!, [right, wrong]); // => true
 * tree.values[0]; // => 0.5
 * ```
 */
export function tell(
  tree: Tree,
  rules: Rules,
  leaf: number,
  candidates: readonly Candidate[],
  values?: readonly number[],
): boolean {
  const kind = leaf >= 0 && leaf < tree.size ? tree.statuses[leaf]! & KIND : undefined;
  if (kind === EXPANDED) return false;
  if (kind !== IN_FLIGHT) throw new RangeError(`tell: leaf must be a node that ask handed out, got ${leaf}`);
  const { children, spent } = childrenOf(tree, rules, leaf, candidates, values);
  (isAllLost(rules, children) ? lose : expand)(tree, rules, leaf, children, spent);
  return true;
}

/** What an answer makes of a leaf, and what it cost: what `tell` adds and what a journal records. */
export interface Told {
  readonly children: readonly Child[];
  readonly spent: Usage;
}

/** See {@link tell}, which this is the half of that judges; the tree is not changed. */
export function childrenOf(
  tree: Tree,
  rules: Rules,
  leaf: number,
  candidates: readonly Candidate[],
  values?: readonly number[],
): Told {
  if (values !== undefined && values.length !== candidates.length) {
    throw new RangeError(
      `tell: values must have one number a candidate, got ${values.length} for ${candidates.length}`,
    );
  }
  const faults = faultsOf(candidates);
  const spent = spentOn(candidates, values, faults);
  if (candidates.length === 0) {
    return { children: [failedChild({ text: '', count: 1, finish: 'error' }, NO_CANDIDATES)], spent };
  }
  const { candidates: merged, firsts } = merge(candidates);
  // Lost draws are no siblings: a prior over them would say that they were drawn.
  const siblings = spent.lost === 0 ? merged : merged.filter((_, k) => !isLost(faults[firsts[k]!]));
  const children = merged.map((candidate, k): Child => {
    const failure = faults[firsts[k]!];
    requireCount(candidate.count);
    if (failure !== undefined) return failedChild(candidate, failure);
    const value = estimateAt(values, firsts[k]!);
    const text = wellFormed(candidate.text);
    return {
      text,
      prior: priorOf(rules, candidate, siblings),
      count: candidate.count,
      outcome: outcomeOf(tree, rules, leaf, candidate, value),
      value,
      failure: undefined,
      // Half a character was mended: the tokens say something else than the text.
      draw: text === candidate.text ? drawOf(candidate) : undefined,
    };
  });
  return { children, spent };
}

/** What an answer cost, from the candidates as they came. */
export function spentOn(
  candidates: readonly Candidate[],
  values?: readonly number[],
  faults: readonly (Failure | undefined)[] = faultsOf(candidates),
): Usage {
  const spent: Usage = { requests: 1, candidates: 0, tokens: 0, failures: 0, lost: 0, estimates: values?.length ?? 0 };
  for (let k = 0; k < candidates.length; k++) {
    const { count, tokenIds, logps } = candidates[k]!;
    spent.candidates += count;
    spent.tokens += count * (tokenIds?.length ?? logps?.length ?? 0);
    if (faults[k] !== undefined) spent.failures += count;
    if (isLost(faults[k])) spent.lost += count;
  }
  return candidates.length === 0 ? { ...spent, failures: 1, lost: 1 } : spent;
}

const isLost = (fault: Failure | undefined): boolean => fault !== undefined && isLoss(fault);

const failedChild = ({ text, count, finish }: Candidate, failure: Failure): Child => ({
  text: wellFormed(text.slice(0, MOST_TEXT)),
  prior: 0,
  count,
  // Out of tokens before a word of the step, as a model that thinks may be: cut, like every step without its end.
  outcome: isLoss(failure) ? 'lost' : finish === 'length' && text === '' ? 'cut' : 'unusable',
  value: undefined,
  failure,
});

const estimateAt = (values: readonly number[] | undefined, at: number): number | undefined => {
  const value = values?.[at];
  if (value === undefined || Number.isFinite(value)) return value;
  throw new RangeError(`tell: values must be finite numbers, got ${value}`);
};

const priorOf = (rules: Rules, candidate: Candidate, siblings: readonly Candidate[]): number => {
  const prior = rules.prior(candidate, siblings);
  if (prior >= 0 && prior < Number.POSITIVE_INFINITY) return prior;
  throw new RangeError(`tell: rules.prior must give a finite number ≥ 0, got ${prior}`);
};

const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());
