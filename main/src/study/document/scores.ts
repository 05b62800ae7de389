/** What the rows of a study say of a method in one setting. */
import { isDeepStrictEqual } from 'node:util';
import type { Cell, Row } from '../cell.ts';
import { type Interval, overSeeds } from '../intervals.ts';
import { before } from '../results.ts';

/** Which accuracy: the likeliest answer, or one drawn from the model. */
export type Decoding = 'greedy' | 'sampled';

/** A mean with its interval, and whether it is of rows of an older arithmetic. */
export interface Found extends Interval {
  readonly older: boolean;
}

/** Rows of cells that agree with all that is given. */
export function rowsOf<R extends Row>(rows: readonly R[], given: Partial<Cell>): R[] {
  const wanted = Object.entries(given);
  return rows.filter(({ cell }) => wanted.every(([key, value]) => isDeepStrictEqual(cell[key as keyof Cell], value)));
}

/** Accuracy in percent over data seeds; nothing where there is no row. */
export function accuracy(rows: readonly Row[], given: Partial<Cell>, decoding: Decoding): Found | undefined {
  return fuller(rowsOf(rows, given), (some) => [...bySeed(some, decoding).values()].map((list) => list.map(shareOf)));
}

/**
 * How much better one setting is than another, in points: differences within a data seed and training seed, so that what both
 * share (base, questions, order) cancels. Nothing where they have no seed in common.
 */
export function difference(
  rows: readonly Row[],
  [one, other]: readonly [Partial<Cell>, Partial<Cell>],
  decoding: Decoding,
): Found | undefined {
  return fuller(rows, (some) => {
    const [ones, others] = [bySeed(rowsOf(some, one), decoding), bySeed(rowsOf(some, other), decoding)];
    return [...ones].map(([seed, list]) =>
      list.flatMap(({ training, share }) => {
        const same = others.get(seed)?.find((row) => row.training === training);
        return same === undefined ? [] : [share - same.share];
      }),
    );
  });
}

/**
 * Today's rows, or those of an older arithmetic where these are of more data seeds. Never both: a base of other bits is
 * another base, and what is paired with it another pair.
 */
function fuller(
  rows: readonly Row[],
  listsOf: (rows: readonly Row[]) => readonly (readonly number[])[],
): Found | undefined {
  const listed = (of: boolean) =>
    listsOf(rows.filter(({ bits }) => (bits === before) === of)).filter((list) => list.length > 0);
  const [now, then] = [listed(false), listed(true)];
  const older = then.length > now.length;
  const chosen = older ? then : now;
  return chosen.length === 0 ? undefined : { ...overSeeds(chosen), older };
}

interface Share {
  readonly training: number;
  readonly share: number;
}

const shareOf = ({ share }: Share): number => share;

function bySeed(rows: readonly Row[], decoding: Decoding): Map<number, Share[]> {
  const seeds = new Map<number, Share[]>();
  for (const row of rows) {
    const { seed, training } = row.cell;
    seeds.set(seed, [...(seeds.get(seed) ?? []), { training, share: (100 * row[decoding]) / row.of }]);
  }
  return seeds;
}
