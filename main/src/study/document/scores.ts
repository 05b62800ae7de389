/** What the rows of a study say of a method in one setting. */
import type { Cell, Row } from '../cell.ts';
import { type Interval, overSeeds } from '../intervals.ts';

/** Which accuracy: the likeliest answer, or one drawn from the model. */
export type Decoding = 'greedy' | 'sampled';

/** Rows of cells that agree with all that is given. */
export function rowsOf(rows: readonly Row[], given: Partial<Cell>): Row[] {
  const wanted = Object.entries(given).map(([key, value]) => [key, JSON.stringify(value)] as const);
  return rows.filter(({ cell }) => wanted.every(([key, value]) => JSON.stringify(cell[key as keyof Cell]) === value));
}

/** Accuracy in percent over data seeds; nothing where there is no row. */
export function accuracy(rows: readonly Row[], given: Partial<Cell>, decoding: Decoding): Interval | undefined {
  const found = [...bySeed(rowsOf(rows, given), decoding).values()];
  return found.length === 0 ? undefined : overSeeds(found.map((list) => list.map(({ share }) => share)));
}

/**
 * How much better one setting is than another, in points: differences within a data seed and training seed, so that what both
 * share (base, questions, order) cancels. Nothing where they have no seed in common.
 */
export function difference(
  rows: readonly Row[],
  [one, other]: readonly [Partial<Cell>, Partial<Cell>],
  decoding: Decoding,
): Interval | undefined {
  const [ones, others] = [bySeed(rowsOf(rows, one), decoding), bySeed(rowsOf(rows, other), decoding)];
  const paired = [...ones].map(([seed, list]) =>
    list.flatMap(({ training, share }) => {
      const same = others.get(seed)?.find((row) => row.training === training);
      return same === undefined ? [] : [share - same.share];
    }),
  );
  return paired.every((list) => list.length === 0) ? undefined : overSeeds(paired);
}

interface Share {
  readonly training: number;
  readonly share: number;
}

function bySeed(rows: readonly Row[], decoding: Decoding): Map<number, Share[]> {
  const seeds = new Map<number, Share[]>();
  for (const row of rows) {
    const { seed, training } = row.cell;
    seeds.set(seed, [...(seeds.get(seed) ?? []), { training, share: (100 * row[decoding]) / row.of }]);
  }
  return seeds;
}
