import { assertOptions } from '@svo/mdp';

/** Whose answers count as one: equal when trimmed, unless the caller knows better (`isEquivalent` of `@svo/verify`). */
export interface VoteOptions {
  readonly same?: (a: string, b: string) => boolean;
}

/** The outcome of a vote. */
export interface Vote {
  /** The winning class's first answer; `undefined` when nobody answered. */
  readonly answer: string | undefined;
  /** The weight behind it, and its share of all weight that voted. */
  readonly weight: number;
  readonly share: number;
  /** The rows that voted for it. */
  readonly rows: readonly number[];
}

/**
 * Self-consistency: the answer most responses give. Rows without an answer don't vote; ties go to the class seen first.
 *
 * @example
 * ```ts
 * import { majorityVote } from '@svo/mcts';
 * const { answer, weight, share } = majorityVote(['5', '6', ' 5', undefined]);
 * [answer, weight, share.toFixed(3)]; // => ['5', 2, '0.667']
 * ```
 */
export function majorityVote(answers: readonly (string | undefined)[], options: VoteOptions = {}): Vote {
  return count(
    answers,
    answers.map(() => 1),
    options,
  );
}

/**
 * The answer with the most weight behind it; weights are a value model's scores mapped to [0, 1], or anything ≥ 0.
 *
 * @throws RangeError when the lengths differ, or a weight is negative or not finite
 * @example
 * ```ts
 * import { weightedVote } from '@svo/mcts';
 * weightedVote(['5', '6', '6'], [0.9, 0.2, 0.3]).answer; // => '5'
 * ```
 */
export function weightedVote(
  answers: readonly (string | undefined)[],
  weights: readonly number[],
  options: VoteOptions = {},
): Vote {
  if (answers.length !== weights.length) {
    throw new RangeError(
      `weightedVote: weights must have one number an answer, got ${weights.length} for ${answers.length}`,
    );
  }
  const bad = weights.find((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (bad !== undefined) {
    throw new RangeError(`weightedVote: weights must be finite numbers ≥ 0, got ${bad} (map values from ±1 first)`);
  }
  return count(answers, weights, options);
}

const count = (answers: readonly (string | undefined)[], weights: readonly number[], options: VoteOptions): Vote => {
  assertOptions('majorityVote, weightedVote', options, ['same']);
  const { same = (a, b) => a.trim() === b.trim() } = options;
  const classes: { answer: string; weight: number; rows: number[] }[] = [];
  let total = 0;
  answers.forEach((answer, row) => {
    if (answer === undefined) return;
    total += weights[row]!;
    const known = classes.find((one) => same(one.answer, answer));
    if (known === undefined) classes.push({ answer, weight: weights[row]!, rows: [row] });
    else {
      known.weight += weights[row]!;
      known.rows.push(row);
    }
  });
  const winner = classes.reduce<(typeof classes)[number] | undefined>(
    (best, one) => (best === undefined || one.weight > best.weight ? one : best),
    undefined,
  );
  if (winner === undefined) return { answer: undefined, weight: 0, share: 0, rows: [] };
  return { ...winner, share: total > 0 ? winner.weight / total : 0 };
};
