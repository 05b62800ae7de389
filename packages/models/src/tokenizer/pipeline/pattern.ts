/** What tokenizer.json calls patterns: a string, or a regular expression in Oniguruma's syntax. */
import { library } from './library.ts';

/** Whitespace as Rust and Oniguruma mean it (JavaScript's \s has U+FEFF and lacks U+0085). */
export const whitespace = '\\p{White_Space}';
/** What \w matches there. */
export const wordCharacter = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
/** ASCII's punctuation and Unicode's. */
export const punctuation = '[!-\\/:-@\\[-`{-~\\p{P}]';

/**
 * A global, Unicode-aware expression of a `{ "String": … }` or `{ "Regex": … }`.
 * @throws RangeError when it is neither, or an expression that JavaScript cannot run
 */
export const patternOf = (pattern: unknown, where: string): RegExp => {
  const { String: text, Regex: source } = (pattern ?? {}) as { String?: unknown; Regex?: unknown };
  if (typeof text === 'string') return new RegExp(text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'gu');
  if (typeof source !== 'string')
    throw new RangeError(`${where}: pattern must be { String } or { Regex }, got ${JSON.stringify(pattern)}`);
  try {
    // The library knows Oniguruma's dialect.
    const compiled = new library.SplitPreTokenizer({
      type: 'Split',
      pattern: { Regex: source },
      behavior: 'Isolated',
      invert: false,
    }).pattern;
    if (compiled) return compiled;
  } catch (error) {
    throw new RangeError(`${where}: pattern ${JSON.stringify(source)}: ${(error as Error).message}`);
  }
  throw new RangeError(`${where}: pattern ${JSON.stringify(source)} cannot be run`);
};

/** [start, end) of each match that is not empty. */
export const matchesOf = (text: string, pattern: RegExp): [start: number, end: number][] => {
  const found: [number, number][] = [];
  for (const match of text.matchAll(pattern))
    if (match[0].length > 0) found.push([match.index, match.index + match[0].length]);
  return found;
};
