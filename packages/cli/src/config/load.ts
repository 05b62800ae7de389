import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseStrictJson } from '@svo/files';
import { parse } from 'yaml';
import { UsageError } from '../errors.ts';
import { importDefault } from './import-module.ts';

/** Where a configuration is looked for when none is named. */
const names = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map((ending) => `svo.config.${ending}`);

/** No configuration a person wrote is larger. */
const mostBytes = 1 << 20;

/** A configuration file as it stands, not yet checked. */
export interface LoadedConfig {
  readonly file: string;
  readonly content: unknown;
}

/**
 * The configuration that was named, or the `svo.config.…` of the folder; none where there is none.
 *
 * @throws UsageError naming the file that is not there, or cannot be read
 */
export async function loadConfig(named: string | undefined, folder: string): Promise<LoadedConfig | undefined> {
  const file = named ?? names.find((name) => existsSync(resolve(folder, name)));
  if (file === undefined) return undefined;
  const path = resolve(folder, file);
  if (!existsSync(path)) throw new UsageError(`--config: no file '${file}'`);
  if (statSync(path).size > mostBytes) throw new UsageError(`${file}: must be at most 1 MiB`);
  try {
    return { file, content: await contentOf(path) };
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

async function contentOf(path: string): Promise<unknown> {
  if (/\.[mc]?[jt]s$/.test(path)) {
    const exported = await importDefault(path);
    if (exported === undefined) throw new RangeError('must have a default export: export default defineConfig({ … })');
    return exported;
  }
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.json') ? parseStrictJson(text) : (parse(text, { maxAliasCount: 50 }) ?? {});
}
