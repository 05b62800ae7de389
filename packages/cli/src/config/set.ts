import { parse } from 'yaml';
import { UsageError } from '../errors.ts';

/** One `--set a.b=c`: a path and a value, read as YAML: a number, a word, `true`, `[1, 2]`. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** @throws UsageError for text without `=`, or a value that is no YAML */
export function parseSetting(text: string): Setting {
  const at = text.indexOf('=');
  const path = at < 0 ? [] : text.slice(0, at).trim().split('.');
  if (path.length === 0 || path.some((key) => !/^[A-Za-z]\w*$/.test(key)) || path.includes('constructor'))
    throw new UsageError(`--set: must be key=value or section.key=value, got '${text}' (such as train.beta=0.1)`);
  try {
    return { path, value: parse(text.slice(at + 1), { maxAliasCount: 0 }) as unknown };
  } catch (error) {
    throw new UsageError(`--set ${text}: the value must be YAML: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** A configuration with a value at a path. */
export function withSetting(config: object, { path: [key, ...rest], value }: Setting): object {
  const record = config as Readonly<Record<string, unknown>>;
  if (key === undefined) return config;
  if (rest.length === 0) return { ...record, [key]: value };
  const inner = record[key];
  const section = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...record, [key]: withSetting(section, { path: rest, value }) };
}
