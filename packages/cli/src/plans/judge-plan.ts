import type { Arguments } from '../config/arguments.ts';
import type { ColumnsConfig, SvoConfig } from '../config/config.ts';
import { verifierName } from '../models/open-verifier.ts';
import { paths } from '../stages/read-data.ts';

/** Verdicts on rows, settled. */
export interface JudgePlan {
  /** Files of rows; none: JSON lines from the standard input. */
  readonly data: readonly string[] | undefined;
  /** A file; none: JSON lines on the standard output. */
  readonly out: string | undefined;
  readonly verifier: string;
  readonly columns: ColumnsConfig;
}

/** @throws UsageError naming the key that is missing or wrong */
export function judgePlanOf(config: SvoConfig, { positionals }: Arguments): JudgePlan {
  const data = positionals.length > 0 ? positionals : config.data;
  return {
    data: data === undefined || data === '-' ? undefined : paths('data', data),
    out: config.out,
    verifier: verifierName(config.verifier),
    columns: config.columns ?? {},
  };
}
