import { assertOptions, createRng, type Rng, shuffle, splitRng } from '@svo/mdp';

/** A way to the target, as a solution in steps. */
export interface CountdownSolution {
  /** `4+8=12 (left: 4 6 12)`, delimiter included, and `Final Answer: …` last. */
  readonly steps: readonly string[];
  /** `(4+8)*(6-4)`. */
  readonly expression: string;
}

/** How one of several ways is chosen. */
export interface SolveOptions {
  /** Another seed may find another way; without one it is the first in the numbers' order. */
  readonly seed?: number;
}

const most = { numbers: 6, number: 1_000 };

/**
 * A way to make the target of all the numbers, by trying every one: exact, with fractions as integers over integers. A way through whole numbers that
 * are not negative comes before one that needs others.
 *
 * @returns nothing where there is none
 * @throws RangeError for more than 6 numbers, or one that is no whole number from 0 to 1,000
 * @example
 * ```ts
 * import { solveCountdown } from '@svo/recipes/tasks';
 * solveCountdown([3, 3, 8, 8], 24)?.expression; // => '8/(3-8/3)'
 * solveCountdown([1, 1, 1, 1], 24); // => undefined
 * ```
 */
export function solveCountdown(
  numbers: readonly number[],
  target: number,
  options: SolveOptions = {},
): CountdownSolution | undefined {
  assertOptions('solveCountdown', options, ['seed']);
  if (numbers.length < 1 || numbers.length > most.numbers || ![...numbers, target].every(isSmall))
    throw new RangeError(
      `solveCountdown: numbers must be 1 to ${most.numbers} whole numbers from 0 to ${most.number}, and the target one, got ${JSON.stringify(numbers)} and ${target}`,
    );
  const rng = options.seed === undefined ? undefined : createRng(options.seed);
  const items = numbers.map((n): Item => ({ n, d: 1 }));
  return search(items, target, rng, true) ?? search(items, target, rng, false);
}

const isSmall = (number: number): boolean => Number.isInteger(number) && number >= 0 && number <= most.number;

type Operator = '+' | '-' | '*' | '/';

/** A number that is left, n/d in lowest terms, and what it was made of, if it was not given. */
interface Item {
  readonly n: number;
  readonly d: number;
  readonly of?: readonly [left: Item, operator: Operator, right: Item];
}

/** The first way in depth-first order: of two numbers one, until one is left. Words are made for the way that is found alone. */
function search(
  items: readonly Item[],
  target: number,
  rng: Rng | undefined,
  whole: boolean,
): CountdownSolution | undefined {
  if (items.length === 1) {
    const [item] = items as readonly [Item];
    if (item.n !== target || item.d !== 1) return undefined;
    const expression = written(item, 0);
    return { steps: [`Final Answer: ${expression}=${target}`], expression };
  }
  const all = moves(items, whole);
  for (const left of rng === undefined ? all : shuffle(rng, all)) {
    const made = left.at(-1)!;
    const found = search(left, target, rng && splitRng(rng, `${made.n}/${made.d}`), whole);
    if (found !== undefined) return { ...found, steps: [stepOf(made, left), ...found.steps] };
  }
  return undefined;
}

/** What may be left after one calculation, its result last. */
function moves(items: readonly Item[], whole: boolean): Item[][] {
  const found: Item[][] = [];
  for (let i = 0; i < items.length; i++)
    for (let j = i + 1; j < items.length; j++) {
      const rest = items.filter((_, at) => at !== i && at !== j);
      for (const made of combined(items[i]!, items[j]!))
        if (!whole || (made.d === 1 && made.n >= 0)) found.push([...rest, made]);
    }
  return found;
}

/** Two numbers as one, in every way; without those where zero divides. */
function combined(a: Item, b: Item): Item[] {
  const [ab, ba] = [a.n * b.d, b.n * a.d];
  return [
    reduced(ab + ba, a.d * b.d, [a, '+', b]),
    reduced(ab - ba, a.d * b.d, [a, '-', b]),
    reduced(ba - ab, a.d * b.d, [b, '-', a]),
    reduced(a.n * b.n, a.d * b.d, [a, '*', b]),
    reduced(ab, ba, [a, '/', b]),
    reduced(ba, ab, [b, '/', a]),
  ].filter((item) => item !== undefined);
}

/** In lowest terms, the sign above. What is too large for a double to hold exactly is left out. */
function reduced(n: number, d: number, of: NonNullable<Item['of']>): Item | undefined {
  if (d === 0 || !Number.isSafeInteger(n) || !Number.isSafeInteger(d)) return undefined;
  let [a, b] = [Math.abs(n), Math.abs(d)];
  while (b !== 0) [a, b] = [b, a % b];
  const by = d < 0 ? -a : a;
  return { n: n / by + 0, d: d / by, of };
}

/** `4+8=12 (left: 4 6 12)`; a fraction that is calculated with stands in brackets. */
function stepOf(made: Item, left: readonly Item[]): string {
  const [a, operator, b] = made.of!;
  const within = (item: Item): string => (item.d === 1 ? shown(item) : `(${shown(item)})`);
  return `${within(a)}${operator}${within(b)}=${shown(made)} (left: ${left.map(shown).join(' ')})\n\n`;
}

const shown = ({ n, d }: Item): string => (d === 1 ? String(n) : `${n}/${d}`);

/** The whole calculation, in brackets where it binds less than its place asks: 0 a sum, 1 a product, 2 a number. */
function written({ n, of }: Item, least: number): string {
  if (of === undefined) return String(n);
  const [a, operator, b] = of;
  const binds = operator === '+' || operator === '-' ? 0 : 1;
  const text = `${written(a, binds)}${operator}${written(b, after[operator])}`;
  return binds < least ? `(${text})` : text;
}

/** What must stand right of an operator. */
const after: Readonly<Record<Operator, number>> = { '+': 0, '-': 1, '*': 1, '/': 2 };
