import type { Arguments } from '../config/arguments.ts';
import type { ColumnsConfig, ServeConfig, SvoConfig } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import { taskName } from '../models/open-task.ts';
import { verifierName } from '../models/open-verifier.ts';
import { paths } from '../stages/read-data.ts';
import { portOf } from './port.ts';

/** Verdicts on rows, settled. */
export interface JudgePlan {
  /** Files of rows; none: JSON lines from the standard input. */
  readonly data: readonly string[] | undefined;
  /** A file; none: JSON lines on the standard output. */
  readonly out: string | undefined;
  readonly verifier: string;
  readonly columns: ColumnsConfig;
  /** Reads a data set's own rows; responses stand beside what it knows. */
  readonly task?: string;
  /** Where and within which limits HTTP is answered; none: rows are read. */
  readonly serve: (ServeConfig & { readonly port: number }) | undefined;
}

/** @throws UsageError naming the key that is missing or wrong */
export function judgePlanOf(config: SvoConfig, { positionals, serve, port }: Arguments): JudgePlan {
  if (!serve && port !== undefined) throw new UsageError('--port: is for --serve; svo judge reads rows without it');
  if (serve && positionals.length > 0)
    throw new UsageError(`--serve: rows come by HTTP; '${positionals[0]}' is for svo judge without it`);
  const task = taskName(config.task);
  if (serve && task !== undefined)
    throw new UsageError(
      `task: '${task}' reads rows of files; rows that come by HTTP hold an answer: --verifier alone`,
    );
  const data = positionals.length > 0 ? positionals : config.data;
  return {
    serve: serve ? { ...config.serve, port: portOf(port) } : undefined,
    data: serve || data === undefined || data === '-' ? undefined : paths('data', data),
    out: config.out,
    verifier: verifierName(config),
    columns: config.columns ?? {},
    ...(task !== undefined && { task }),
  };
}
