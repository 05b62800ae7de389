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
  const wrong = (key: string, expected: string, found: GgufValue): never =>
    fail(`${key} must be ${expected}, got ${kindOf(found)}`);
  const number = (key: string): number | undefined => {
    const found = entry(key);
    if (found === undefined) return undefined;
    return typeof found.value === 'number' ? found.value : wrong(key, 'a number', found);
  };
  return {
    has: (key) => entry(key) !== undefined,
    number,
    count: (key) => {
      const value = number(key);
      if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
      return fail(`${key} must be a whole number ≥ 0, got ${value}`);
    },
    text: (key) => {
      const found = entry(key);
      return found === undefined ? undefined : found.type === 'string' ? found.value : wrong(key, 'a string', found);
    },
    flag: (key) => {
      const found = entry(key);
      return found === undefined ? undefined : found.type === 'bool' ? found.value : wrong(key, 'a bool', found);
    },
    texts: (key) => {
      const found = entry(key);
      if (found === undefined) return undefined;
      return found.type === 'array' && found.of === 'string' ? found.value : wrong(key, 'an array of string', found);
    },
    numbers: (key) => {
      const found = entry(key);
      if (found === undefined) return undefined;
      const isNumbers = found.type === 'array' && !['string', 'bool', 'uint64', 'int64'].includes(found.of);
      return isNumbers ? (found.value as ArrayLike<number>) : wrong(key, 'an array of numbers', found);
    },
    needed: (value, key) => (value === undefined ? fail(`metadata lacks ${key}`) : value),
    fail,
  };
};

/** A float32 as the decimal it was written from: 1e-5, not 0.000009999999747378752. */
export const plainDecimal = (value: number): number => {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === Math.fround(value) ? short : value;
};
