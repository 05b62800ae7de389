/** Typed looks into a GGUF file's metadata: a key of another type than expected is an error that names it. */
import type { GgufMetadata, GgufValue } from '@svo/files';

/** Reads keys of one file. */
export interface MetadataKeys {
  readonly has: (key: string) => boolean;
  readonly isList: (key: string) => boolean;
  readonly number: (key: string) => number | undefined;
  readonly count: (key: string) => number | undefined;
  readonly text: (key: string) => string | undefined;
  readonly flag: (key: string) => boolean | undefined;
  /** A list of bools, one a layer; undefined where there is none, or one value for all. */
  readonly flags: (key: string) => readonly boolean[] | undefined;
  /** Whole numbers ≥ 0, one a layer; a single one stands for every layer. */
  readonly countsByLayer: (key: string, layers: number) => readonly number[];
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
  const needed = <T>(value: T | undefined, key: string): T =>
    value === undefined ? fail(`metadata lacks ${key}`) : value;
  const isList = (key: string): boolean => entry(key)?.type === 'array';
  const numbers = (key: string): ArrayLike<number> | undefined =>
    typed(
      key,
      'an array of numbers',
      (found) => found.type === 'array' && !['string', 'bool', 'uint64', 'int64'].includes(found.of),
    );
  const asCount = (key: string, value: number): number =>
    Number.isSafeInteger(value) && value >= 0 ? value : fail(`${key} must be a whole number ≥ 0, got ${value}`);
  const count = (key: string): number | undefined => {
    const value = number(key);
    return value === undefined ? undefined : asCount(key, value);
  };
  return {
    has: (key) => entry(key) !== undefined,
    isList,
    number,
    count,
    text: (key) => typed(key, 'a string', ({ type }) => type === 'string'),
    flag: (key) => typed(key, 'a bool', ({ type }) => type === 'bool'),
    flags: (key) =>
      isList(key)
        ? typed(key, 'an array of bool', (found) => found.type === 'array' && found.of === 'bool')
        : undefined,
    countsByLayer: (key, layers) => {
      if (!isList(key)) return new Array<number>(layers).fill(needed(count(key), key));
      const list = Array.from(numbers(key)!, (value) => asCount(key, value));
      return list.length === layers
        ? list
        : fail(`${key} must have ${layers} numbers, one a layer, got ${list.length}`);
    },
    texts: (key) => typed(key, 'an array of string', (found) => found.type === 'array' && found.of === 'string'),
    numbers,
    needed,
    fail,
  };
};

/** A float32 as the decimal it was written from: 1e-5, not 0.000009999999747378752. */
export const plainDecimal = (value: number): number => {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === Math.fround(value) ? short : value;
};
