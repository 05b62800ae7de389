import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const describe = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? (value.constructor?.name ?? 'object')
    : `${typeof value} ${String(value)}`;

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const write = (value: unknown, path: string, open: readonly object[]): string => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(
      `canonicalJson: ${path} must be JSON (null, boolean, finite number, string, array, plain object), got ${describe(value)}`,
    );
  }
  if (open.includes(value)) throw new TypeError(`canonicalJson: ${path} contains itself`);
  const inside = [...open, value];
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    const items = Array.from(value as ArrayLike<unknown>);
    // Token ids by the thousand: of finite numbers JSON's own text is the canonical one.
    if (items.every((item) => typeof item === 'number' && Number.isFinite(item))) return JSON.stringify(items);
    return `[${items.map((item, index) => write(item, `${path}[${index}]`, inside)).join(',')}]`;
  }
  if (!isPlain(value))
    throw new TypeError(`canonicalJson: ${path} must be a plain object or an array, got ${describe(value)}`);
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${write(item, `${path}.${key}`, inside)}`);
  return `{${fields.join(',')}}`;
};

/**
 * The one JSON text of a value: keys sorted by UTF-16 code unit, no spaces, numbers in their shortest form (RFC 8785).
 * Fields that are `undefined` are left out; typed arrays are written as arrays; −0 as 0.
 *
 * @throws TypeError, naming the path, for what JSON can't hold: NaN, ±∞, bigint, functions, class instances, cycles
 * @example
 * ```ts
 * import { canonicalJson } from '@svo/mdp';
 * canonicalJson({ b: [1, 0.5], a: 'x' }); // => '{"a":"x","b":[1,0.5]}'
 * ```
 */
export function canonicalJson(value: unknown): string {
  return write(value, 'value', []);
}

/**
 * A name for a value: SHA-256 of its {@link canonicalJson}, 64 hexadecimal digits. Equal values have equal hashes whatever
 * the order of their keys, in every process and on every platform.
 *
 * @throws TypeError for what JSON can't hold
 * @example
 * ```ts
 * import { contentHash } from '@svo/mdp';
 * contentHash({ a: 1, b: 2 }) === contentHash({ b: 2, a: 1 }); // => true
 * contentHash([]); // => '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945'
 * ```
 */
export function contentHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
