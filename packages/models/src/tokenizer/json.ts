/** Reading tokenizer.json, whose parts are records with a `type`. */

/** A part of tokenizer.json. */
export type Json = Readonly<Record<string, unknown>>;

/** The `type` of a part. Throws a RangeError when it has none. */
export const typeOf = (part: unknown, where: string): string => {
  const type = typeof part === 'object' && part !== null ? (part as Json).type : undefined;
  if (typeof type === 'string') return type;
  throw new RangeError(`${where}: must be a record with a type, got ${JSON.stringify(part)?.slice(0, 80)}`);
};

/** The parts of a `Sequence`. */
export const partsOf = (part: Json, key: string, where: string): readonly Json[] => {
  const parts = part[key];
  if (Array.isArray(parts)) return parts as Json[];
  throw new RangeError(`${where}: ${key} must be a list, got ${typeof parts}`);
};

/** A key that holds text, or what stands for it where it is absent. */
export const textIn = (part: Json, key: string, otherwise: string | undefined, where: string): string => {
  const value = part[key] ?? otherwise;
  if (typeof value === 'string') return value;
  throw new RangeError(`${where}: ${key} must be a text, got ${JSON.stringify(value)}`);
};

/** A key that is true or false, or what stands for it where it is absent. */
export const flagIn = (part: Json, key: string, otherwise: boolean): boolean => {
  const value = part[key];
  return typeof value === 'boolean' ? value : otherwise;
};
