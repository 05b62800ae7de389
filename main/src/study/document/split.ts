/** Rows by what their seeds are for: nothing is chosen on the seeds that are reported, and nothing reported of those it is chosen on. */
import type { Row } from '../cell.ts';
import { figure7Seeds } from '../parts.ts';

/** Data seeds that settings are chosen on. */
export const tuningSeeds = [11, 12] as const;

const choosing: ReadonlySet<number> = new Set([...tuningSeeds, ...figure7Seeds]);

export const ofData = <R extends Row>(rows: readonly R[]): R[] => rows.filter(({ cell }) => !choosing.has(cell.seed));
export const ofTuning = <R extends Row>(rows: readonly R[]): R[] => rows.filter(({ cell }) => choosing.has(cell.seed));
