import type { Arguments } from './arguments.ts';
import { checkConfig } from './check.ts';
import type { SvoConfig } from './config.ts';
import { loadConfig } from './load.ts';
import { withSetting } from './set.ts';

/** The configuration of a command: the file's, with what the command line says put over it, checked as a whole. */
export async function settleConfig({ config, settings }: Arguments, folder: string): Promise<SvoConfig> {
  const loaded = await loadConfig(config, folder);
  const origin = (path: string): string =>
    settings.findLast((setting) => overlaps(setting.path.join('.'), path))?.origin ?? loaded?.file ?? 'svo';
  const file = loaded?.content ?? {};
  const whole = typeof file === 'object' && !Array.isArray(file) ? settings.reduce(withSetting, file as object) : file;
  return checkConfig(whole, origin);
}

const overlaps = (a: string, b: string): boolean => a === b || b.startsWith(`${a}.`);
