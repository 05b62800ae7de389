import type { Candidate, Failure, Verdict } from '@svo/mdp';
import type { Rules } from '../rules/rules.ts';
import { responseTo } from '../tree/path.ts';
import { EXPANDED, IN_FLIGHT, KIND, type Outcome } from '../tree/status.ts';
import type { Tree, Usage } from '../tree/tree.ts';
import { type Child, expand } from './expand.ts';
import { mergeCandidates } from './merge.ts';

/**
 * Takes the answer for a leaf that `ask` handed out: merges equal candidates, judges answers, adds the children, backs up.
 * Answers may come in any order. Telling a leaf twice changes nothing.
 *
 * A candidate that is no good becomes a child with a typed outcome ({@link Outcome}); no candidates at all count as one
 * `lost` child. Nothing is dropped.
 *
 * @param values a value model's estimate for the state after each candidate, if there is one
 * @returns whether the tree changed
 * @throws RangeError when the leaf was never handed out, when `values` has another length than `candidates`, or when an
 *   answer can be judged neither by `rules.verifier` nor by a value
 * @example
 * ```ts
 * import { ask, createTree, dvoSearch, tell, uniformPrior } from '@svo/mcts';
 * const verifier = (question, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const rules = dvoSearch({ verifier, prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: 'What is 2 + 3?' });
 * const right = { text: 'It is 5.', count: 3, finish: 'answer' } as const;
 * const wrong = { text: 'It is 6.', count: 1, finish: 'answer' } as const;
 * tell(tree, rules, ask(tree, rules), [right, wrong]); // => true
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
  const faults = candidates.map(faultOf);
  const children = childrenOf(tree, rules, leaf, candidates, values, faults);
  expand(tree, rules, leaf, children, spentOn(candidates, values, faults));
  return true;
}

/**
 * The children an answer makes of a leaf: what `tell` adds and what a journal records.
 *
 * @param faults what is wrong with each candidate, by {@link faultOf}
 */
export function childrenOf(
  tree: Tree,
  rules: Rules,
  leaf: number,
  candidates: readonly Candidate[],
  values?: readonly number[],
  faults: readonly (Failure | undefined)[] = candidates.map(faultOf),
): Child[] {
  if (values !== undefined && values.length !== candidates.length) {
    throw new RangeError(
      `tell: values must have one number a candidate, got ${values.length} for ${candidates.length}`,
    );
  }
  if (candidates.length === 0) return [lostChild({ kind: 'malformed', message: 'the policy returned no candidates' })];
  const merged = mergeCandidates(candidates);
  const deep = tree.prefix.length + tree.depths[leaf]! + 1 >= rules.depth;
  return merged.map((candidate, k) => {
    const value = values?.[firstTwin(candidates, candidate)];
    const failure = (merged === candidates ? faults[k] : faultOf(candidate)) ?? faultOfValue(value);
    if (failure !== undefined) {
      const outcome = UNUSABLE.has(failure.kind) ? 'unusable' : 'lost';
      return {
        text: wellFormed(candidate.text.slice(0, MOST_TEXT)),
        prior: 0,
        count: usableCount(candidate),
        outcome,
        value: undefined,
        failure,
      };
    }
    return {
      text: wellFormed(candidate.text),
      prior: priorOf(rules, candidate, merged),
      count: candidate.count,
      outcome: outcomeOf(tree, rules, leaf, candidate, deep, value),
      value,
      failure: undefined,
    };
  });
}

/** What an answer cost, from the candidates as they came; `faults` as in {@link childrenOf}. */
export function spentOn(
  candidates: readonly Candidate[],
  values?: readonly number[],
  faults: readonly (Failure | undefined)[] = candidates.map(faultOf),
): Usage {
  let tokens = 0;
  let failures = 0;
  let draws = 0;
  candidates.forEach((candidate, k) => {
    const count = usableCount(candidate);
    draws += count;
    tokens += count * (candidate.tokenIds?.length ?? candidate.logps?.length ?? 0);
    if (faults[k] !== undefined) failures += count;
  });
  return {
    requests: 1,
    candidates: draws,
    tokens,
    failures: candidates.length === 0 ? 1 : failures,
    estimates: values?.length ?? 0,
  };
}

/** Failures of the model's output; the others are failures to get any. */
const UNUSABLE: ReadonlySet<Failure['kind']> = new Set(['malformed', 'too-large', 'unparsable']);

/** Characters of a step: no model writes a longer one on purpose, and a journal's event must hold an answer of many. */
const MOST_TEXT = 2 ** 18;

/** By how much rounding may lift a token's log-probability above 0; a prior beyond it would outweigh every value in a tree. */
const MOST_ROUNDING = 1e-3;

const lostChild = (failure: Failure): Child => ({
  text: '',
  prior: 0,
  count: 1,
  outcome: 'lost',
  value: undefined,
  failure,
});

const usableCount = ({ count }: Candidate): number =>
  Number.isInteger(count) && count >= 1 && count <= 65_535 ? count : 1;

/** What is wrong with a candidate, `undefined` for a good one. */
function faultOf(candidate: Candidate): Failure | undefined {
  if (candidate.finish === 'error') {
    return candidate.failure ?? { kind: 'malformed', message: 'a candidate ended in an error without a failure' };
  }
  if (candidate.text === '') return { kind: 'unparsable', message: 'the step is empty' };
  if (candidate.text.length > MOST_TEXT) {
    return { kind: 'too-large', message: `the step has ${candidate.text.length} characters, more than ${MOST_TEXT}` };
  }
  if (usableCount(candidate) !== candidate.count) {
    return { kind: 'malformed', message: `count must be an integer in [1, 65535], got ${candidate.count}` };
  }
  let total = 0;
  for (const logp of candidate.logps ?? []) total += logp;
  if (!Number.isFinite(total)) return { kind: 'malformed', message: 'a log-probability is not a finite number' };
  if (total > 0 && total > MOST_ROUNDING * candidate.logps!.length) {
    return { kind: 'malformed', message: `the log-probabilities add up to ${total}, and must be at most 0` };
  }
  return undefined;
}

const faultOfValue = (value: number | undefined): Failure | undefined =>
  value === undefined || Number.isFinite(value)
    ? undefined
    : { kind: 'malformed', message: `the value model gave ${value}, which is not a finite number` };

const priorOf = (rules: Rules, candidate: Candidate, merged: readonly Candidate[]): number => {
  const prior = rules.prior(candidate, merged);
  if (prior >= 0 && prior < Number.POSITIVE_INFINITY) return prior;
  throw new RangeError(`tell: rules.prior must give a finite number ≥ 0, got ${prior}`);
};

const outcomeOf = (
  tree: Tree,
  rules: Rules,
  leaf: number,
  candidate: Candidate,
  deep: boolean,
  value: number | undefined,
): Outcome | undefined => {
  if (candidate.finish === 'length') return 'cut';
  if (candidate.finish === 'step') return deep ? 'deep' : undefined;
  if (rules.verifier !== undefined) {
    return outcomeOfVerdict(rules.verifier(tree.question, responseTo(tree, leaf) + candidate.text));
  }
  if (value !== undefined) return 'undecided';
  throw new RangeError('tell: an answer needs a judge, got neither rules.verifier nor a value for it');
};

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

const wellFormed = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed());

const firstTwin = (candidates: readonly Candidate[], { text, finish }: Candidate): number =>
  candidates.findIndex((other) => other.text === text && other.finish === finish);
