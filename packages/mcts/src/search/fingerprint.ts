import { assertOptions, type Policy, type Question, type ValueModel } from '@svo/mdp';
import { ruleId } from '../rules/rule-id.ts';
import type { Rules } from '../rules/rules.ts';
import type { Fingerprint } from '../tree/tree.ts';

/**
 * Which meaning searches have: raised when the same settings come to other trees than before. Part of every fingerprint, and of
 * the ids of queued searches.
 *
 * @example
 * ```ts
 * import { SEARCH_FORMAT } from '@svo/mcts';
 * SEARCH_FORMAT; // => 2
 * ```
 */
export const SEARCH_FORMAT: number = 2;

/** What of a search's settings decides its trees. */
export interface Deciding {
  readonly policy: Policy;
  readonly rules: Rules;
  readonly leaves: number;
  readonly order: 'ordered' | 'free';
  readonly valueModel?: ValueModel | undefined;
}

/** The rules' part of a fingerprint: names and numbers, `null` for a function without an id. */
export function rulesFingerprint(rules: Rules): Fingerprint {
  return {
    rules: rules.id,
    breadth: rules.breadth,
    depth: rules.depth,
    select: ruleId(rules.select),
    prior: ruleId(rules.prior),
    backup: rules.backup.name,
    stop: ruleId(rules.stop),
    rewards: JSON.stringify(rules.rewards),
    'leaf visit': String(rules.leafVisit),
    'terminal visits': rules.terminalVisits,
  };
}

/**
 * What decides a search's trees beside question and seed, by name: what `searchMany` writes into a journal and each `tree.fingerprint`,
 * known before anything is asked. Who keeps trees by themselves compares it before going on with them.
 *
 * @param options `policy`, `rules`, and as in `searchMany` `leaves` 1, `order` 'ordered', `valueModel`
 * @returns names and values; `null` for a function without an id, of which nothing is known
 * @throws RangeError for an option nobody reads
 * @example
 * ```ts
 * import { dvoSearch, searchFingerprint, uniformPrior } from '@svo/mcts';
 * const policy = { id: 'fives', propose: async () => [] };
 * const { breadth, prior, verifier } = searchFingerprint({ policy, rules: dvoSearch({ prior: uniformPrior }) });
 * [breadth, prior, verifier]; // => [5, 'uniformPrior', 'none']
 * ```
 */
export function searchFingerprint(
  options: Pick<Deciding, 'policy' | 'rules' | 'valueModel'> & Partial<Pick<Deciding, 'leaves' | 'order'>>,
): Fingerprint {
  assertOptions('searchFingerprint', options, ['policy', 'rules', 'leaves', 'order', 'valueModel']);
  return fingerprintOf({ leaves: 1, order: 'ordered', ...options });
}

/** All that decides a tree beside its question and its seed. */
export function fingerprintOf({ policy, rules, leaves, order, valueModel }: Deciding): Fingerprint {
  return {
    format: SEARCH_FORMAT,
    policy: policy.id,
    'value model': valueModel === undefined ? 'none' : valueModel.id,
    verifier: rules.verifier === undefined ? 'none' : ruleId(rules.verifier),
    ...rulesFingerprint(rules),
    leaves,
    // With one leaf in flight there is nothing to tell out of order.
    order: leaves === 1 ? 'ordered' : order,
  };
}

/**
 * How two fingerprints compare. Names that `now` lacks are not looked at.
 *
 * @returns names of what differs, and of what nobody can know because one of them has no value
 * @example
 * ```ts
 * import { compareFingerprints } from '@svo/mcts';
 * compareFingerprints({ policy: 'a', verifier: null }, { policy: 'b', verifier: 'exact' }); // => { different: ['policy'], unknown: ['verifier'] }
 * ```
 */
export function compareFingerprints(
  past: Fingerprint | undefined,
  now: Fingerprint,
): { readonly different: readonly string[]; readonly unknown: readonly string[] } {
  const different: string[] = [];
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(now)) {
    const before = past?.[name] ?? null;
    if (value === null || before === null) unknown.push(name);
    else if (value !== before) different.push(name);
  }
  return { different, unknown };
}

/** The parts of a question that decide a tree. */
export const questionParts = ({ id, prompt, answer }: Question): Fingerprint => ({
  'question.id': id,
  'question.prompt': prompt,
  'question.answer': answer ?? 'none',
});

/** Whether something read from a file is a fingerprint. */
export function isFingerprint(value: unknown): value is Fingerprint {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((part) => part === null || typeof part === 'string' || typeof part === 'number');
}
