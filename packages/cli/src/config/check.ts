import type { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { SvoConfig } from './config.ts';
import { hint, nearest } from './nearest.ts';
import { knownKeys, readConfig } from './schema.ts';

/** Who said what: the place that a message names, by the key's path. */
export type Origin = (path: string) => string;

/**
 * A configuration, checked: every key is known, every value is what it must be.
 *
 * @throws UsageError naming where it was said, the key, what came and what was expected
 */
export function checkConfig(given: unknown, origin: Origin): SvoConfig {
  const { config, issues } = readConfig(given);
  if (config !== undefined) return config;
  throw new UsageError(issues.map((issue) => told(issue, given, origin)).join('\n'));
}

function told(issue: z.core.$ZodIssue, given: unknown, origin: Origin): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, origin)).join('\n');
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], given);
  const expected = /^must /.test(issue.message) ? issue.message : `must be ${expectedBy(issue)}`;
  return `${origin(path)}: ${path === '' ? 'the configuration' : path} ${expected}, got ${shown(value)}`;
}

const expectedBy = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_type' ? `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}` : issue.message;

function unknownKey(section: string, key: string, origin: Origin): string {
  const path = section === '' ? key : `${section}.${key}`;
  const known = knownKeys[section] ?? [];
  const near = nearest(key, known);
  const elsewhere = Object.entries(knownKeys).find(([name, keys]) => name !== section && keys.includes(key));
  const meant = elsewhere ? dotted(elsewhere[0], key) : near && dotted(section, near);
  return `${origin(path)}: unknown key '${path}'${hint(meant)}; expected ${known.map((name) => dotted(section, name)).join(', ')}`;
}

const dotted = (section: string, key: string): string => (section === '' ? key : `${section}.${key}`);

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);
