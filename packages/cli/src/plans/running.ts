import type { SvoConfig } from '../config/config.ts';
import { defaults } from '../config/defaults.ts';

/** What computes. */
export type Engine = Pick<SvoConfig, 'threads'> & Required<Pick<SvoConfig, 'backend'>>;

/** Where a command writes, from which seed, and what computes. */
export interface Running {
  readonly seed: number;
  readonly out: string;
  readonly engine: Engine;
}

/** What every command that computes reads, settled; `folder` is where it writes unless it is told. */
export const runningOf = (
  { seed = defaults.seed, out, backend = defaults.backend, threads }: SvoConfig,
  folder: string,
): Running => ({ seed, out: out ?? folder, engine: { backend, ...(threads !== undefined && { threads }) } });
