import { assertCounts, assertOptions, createRng, shuffle, splitRng } from '@svo/mdp';
import { solveCountdown } from './solve-countdown.ts';

/** Which hands are dealt. */
export interface Game24Options {
  /** Orders the hands, and the numbers of each; 1 by default. */
  readonly seed?: number;
  /** Numbers of a hand; 4 by default, 5 at the most. */
  readonly numbers?: number;
  /** The largest number; 13 by default, 20 at the most. */
  readonly largest?: number;
  /** What they make; 24 by default. */
  readonly target?: number;
}

/** A hand that has a solution, and one of its solutions. */
export interface Game24Row {
  readonly numbers: readonly number[];
  readonly target: number;
  /** In steps, delimiters included: what a base is taught. */
  readonly solution: readonly string[];
}

/**
 * Every hand of the 24 game that can be solved, each once, in an order of its own for every seed. Take the first ones to teach, the next to search, the last to test:
 * no two are the same hand.
 *
 * @throws RangeError for an option outside its range
 * @example
 * ```ts
 * import { game24Rows } from '@svo/recipes/tasks';
 * const [row] = game24Rows({ numbers: 3, largest: 4 });
 * row?.numbers; // => [3, 3, 4]
 * row?.solution; // => ['3+3=6 (left: 4 6)\n\n', '4*6=24 (left: 24)\n\n', 'Final Answer: 4*(3+3)=24']
 * ```
 */
export function game24Rows(options: Game24Options = {}): Game24Row[] {
  assertOptions('game24Rows', options, ['seed', 'numbers', 'largest', 'target']);
  const { seed = 1, numbers = 4, largest = 13, target = 24 } = options;
  assertCounts('game24Rows', { numbers, largest, target });
  if (numbers < 2 || numbers > 5 || largest > 20 || target > 1000)
    throw new RangeError(
      `game24Rows: 2 to 5 numbers up to 20 make a target up to 1000, got ${numbers} up to ${largest} and ${target}`,
    );
  const rng = splitRng(createRng(seed), 'game24');
  return shuffle(rng, handsOf(numbers, largest)).flatMap((sorted) => {
    const hand = shuffle(splitRng(rng, sorted.join()), sorted);
    const solved = solveCountdown(hand, target);
    return solved === undefined ? [] : [{ numbers: hand, target, solution: solved.steps }];
  });
}

/** Every hand, its numbers in order. */
function handsOf(numbers: number, largest: number, least = 1): number[][] {
  if (numbers === 0) return [[]];
  return Array.from({ length: largest - least + 1 }, (_, i) => least + i).flatMap((first) =>
    handsOf(numbers - 1, largest, first).map((rest) => [first, ...rest]),
  );
}
