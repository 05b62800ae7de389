/** Typed looks into a GGUF file's metadata: a key of another type than expected is an error that names it. */
import type { GgufMetadata, GgufValue } from '@svo/files';

/** Reads keys of one file. */
export interface MetadataKeys {
  readonly has: (key: string) => boolean;
  readonly number: (key: string) => number | undefined;
  readonly count: (key: string) => number | undefined;
  readonly text: (key: string) => string | undefined;
  readonly flag: (key: string) => boolean | undefined;
  readonly texts: (key: string) => readonly string[] | undefined;
  readonly numbers: (key: string) => ArrayLike<number> | undefined;
  /** What was looked up, or an error that says the key is missing. */
  readonly needed: <T>(value: T | undefined, key: string) => T;
  readonly fail: (message: string) => never;
}

const kindOf = (entry: GgufValue): string => (entry.type === 'array' ? `array of ${entry.of}` : entry.type);

/** A reader over the metadata of the file `path`. */
export const metadataKeys = (metadata: GgufMetadata, path: string): MetadataKeys => {
  const fail = (message: string): never => {
    throw new RangeError(`${path}: ${message}`);
  };
  const entry = (key: string): GgufValue | undefined => (Object.hasOwn(metadata, key) ? metadata[key] : undefined);
  /** A key's value, of an entry that is what it should be. */
  const typed = <T>(key: string, expected: string, is: (found: GgufValue) => boolean): T | undefined => {
    const found = entry(key);
    if (found === undefined) return undefined;
    return is(found) ? (found.value as T) : fail(`${key} must be ${expected}, got ${kindOf(found)}`);
  };
  const number = (key: string): number | undefined => typed(key, 'a number', ({ value }) => typeof value === 'number');
  return {
    has: (key) => entry(key) !== undefined,
    number,
    count: (key) => {
      const value = number(key);
      if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
      return fail(`${key} must be a whole number ≥ 0, got ${value}`);
    },
    text: (key) => typed(key, 'a string', ({ type }) => type === 'string'),
    flag: (key) => typed(key, 'a bool', ({ type }) => type === 'bool'),
    texts: (key) => typed(key, 'an array of string', (found) => found.type === 'array' && found.of === 'string'),
    numbers: (key) =>
      typed(
        key,
        'an array of numbers',
        (found) => found.type === 'array' && !['string', 'bool', 'uint64', 'int64'].includes(found.of),
      ),
    needed: (value, key) => (value === undefined ? fail(`metadata lacks ${key}`) : value),
    fail,
  };
};

/** A float32 as the decimal it was written from: 1e-5, not 0.000009999999747378752. */
export const plainDecimal = (value: number): number => {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === Math.fround(value) ? short : value;
};
