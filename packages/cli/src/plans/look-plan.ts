import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Arguments } from '../config/arguments.ts';
import type { SvoConfig } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import { files } from '../shell/run-folder.ts';
import { portOf } from './port.ts';

/** Which run is looked at, and where. */
export interface LookPlan {
  readonly folder: string;
  /** 0: whichever is free. */
  readonly port: number;
}

/** @throws UsageError where there is no run to look at, or the port is none */
export function lookPlanOf(config: SvoConfig, { positionals: [named], port }: Arguments): LookPlan {
  const folder = named ?? config.out ?? newestRun('runs');
  if (folder === undefined) throw new UsageError("look: there is no run in 'runs'; name its folder: svo look FOLDER");
  if (!existsSync(join(folder, files.config)))
    throw new UsageError(`look: '${folder}' is no run of svo (${files.config} is missing)`);
  return { folder, port: portOf(port) };
}

/** The run below a folder that was begun last. */
function newestRun(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, files.config)))
    .sort((a, b) => statSync(join(a, files.config)).mtimeMs - statSync(join(b, files.config)).mtimeMs)
    .at(-1);
}
