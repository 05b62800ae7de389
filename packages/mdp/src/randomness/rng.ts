/**
 * Random streams as plain values. A stream is four 32-bit words of xoroshiro128+ (pure-rand); it goes through JSON
 * unchanged, and every operation returns a new stream and leaves the old one as it was. Only integer and exactly rounded
 * float operations are used, so that a stream gives the same numbers on every platform.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A random stream: a plain record, comparable and serialisable as JSON. */
export interface Rng {
  readonly state: readonly [number, number, number, number];
}

type Generator = ReturnType<typeof xoroshiro128plusFromState>;

const ROOT: Rng = { state: [0x5356_4f2f, 0x6d64_702f, 0x726e_672f, 1] };

const LARGEST_INTEGER_RANGE = 2 ** 32;

const freeze = (generator: Generator): Rng => {
  const [a, b, c, d] = generator.getState();
  return { state: [a!, b!, c!, d!] };
};

/** Label → bytes: a type tag, then UTF-16 code units. UTF-8 would map all lone surrogates to one replacement character. */
const labelBytes = (rng: Rng, label: string | number): Uint8Array => {
  const text = typeof label === 'number' ? String(label) : label;
  const bytes = new Uint8Array(17 + 2 * text.length);
  const view = new DataView(bytes.buffer);
  rng.state.forEach((word, index) => {
    view.setInt32(4 * index, word);
  });
  view.setUint8(16, typeof label === 'number' ? 1 : 2);
  for (let i = 0; i < text.length; i++) view.setUint16(17 + 2 * i, text.charCodeAt(i));
  return bytes;
};

/**
 * A stream from a seed. Equal seeds give equal streams, different seeds streams that are independent for all purposes.
 *
 * @param seed any safe integer, negative ones included
 * @throws RangeError when `seed` is not a safe integer
 * @example
 * ```ts
 * import { createRng, uniform } from '@svo/mdp';
 * uniform(createRng(7))[0] === uniform(createRng(7))[0]; // => true
 * ```
 */
export function createRng(seed: number): Rng {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(
      `createRng: seed must be a safe integer, got ${seed} (hash other keys with splitRng(rng, label))`,
    );
  }
  return splitRng(ROOT, seed);
}

/**
 * The child stream of `rng` called `label`: state = the first 128 bits of SHA-256(parent state, label). The parent is not
 * advanced, so children may be made in any order, and streams with different labels don't collide. `1` and `'1'` differ.
 *
 * @param label a string, or a safe integer
 * @throws RangeError when a numeric label is not a safe integer
 * @example
 * ```ts
 * import { createRng, integer, splitRng } from '@svo/mdp';
 * const rng = createRng(1);
 * const search = splitRng(rng, 'search');
 * integer(splitRng(search, 3), 10)[0] === integer(splitRng(search, 3), 10)[0]; // => true
 * ```
 */
export function splitRng(rng: Rng, label: string | number): Rng {
  if (typeof label === 'number' && !Number.isSafeInteger(label)) {
    throw new RangeError(`splitRng: a numeric label must be a safe integer, got ${label}`);
  }
  const view = new DataView(sha256(labelBytes(rng, label)).buffer);
  // `| 1` on one word: the generator's only bad state is all zeros.
  return { state: [view.getInt32(0) | 1, view.getInt32(4), view.getInt32(8), view.getInt32(12)] };
}

/**
 * One number in [0, 1) with 53 random bits, and the stream that follows.
 *
 * @example
 * ```ts
 * import { createRng, uniform } from '@svo/mdp';
 * const [first, rest] = uniform(createRng(0));
 * const [second] = uniform(rest);
 * first !== second; // => true
 * ```
 */
export function uniform(rng: Rng): [value: number, next: Rng] {
  const generator = xoroshiro128plusFromState(rng.state);
  return [uniformFloat64(generator), freeze(generator)];
}

/**
 * One integer in [0, bound), each equally likely (by rejection), and the stream that follows.
 *
 * @param bound at least 1, at most 2³²
 * @throws RangeError when `bound` is outside that range or not an integer
 * @example
 * ```ts
 * import { createRng, integer } from '@svo/mdp';
 * const [die] = integer(createRng(5), 6);
 * die >= 0 && die < 6; // => true
 * ```
 */
export function integer(rng: Rng, bound: number): [value: number, next: Rng] {
  if (!Number.isInteger(bound) || bound < 1 || bound > LARGEST_INTEGER_RANGE) {
    throw new RangeError(`integer: bound must be an integer in [1, 2^32], got ${bound}`);
  }
  const generator = xoroshiro128plusFromState(rng.state);
  return [uniformInt(generator, 0, bound - 1), freeze(generator)];
}

/**
 * `count` numbers in [0, 1): what `count` calls of {@link uniform} give, without the records between.
 *
 * @example
 * ```ts
 * import { createRng, uniform, uniforms } from '@svo/mdp';
 * uniforms(createRng(2), 3)[0] === uniform(createRng(2))[0]; // => true
 * ```
 */
export function uniforms(rng: Rng, count: number): Float64Array {
  const generator = xoroshiro128plusFromState(rng.state);
  return Float64Array.from({ length: count }, () => uniformFloat64(generator));
}

/**
 * A random order of 0 … length − 1 (Fisher and Yates). Uses the stream up: split it if another draw is needed.
 *
 * @throws RangeError when `length` is not an integer in [0, 2³²]
 * @example
 * ```ts
 * import { createRng, permutation } from '@svo/mdp';
 * permutation(createRng(3), 4).toSorted(); // => [0, 1, 2, 3]
 * ```
 */
export function permutation(rng: Rng, length: number): number[] {
  if (!Number.isInteger(length) || length < 0 || length > LARGEST_INTEGER_RANGE) {
    throw new RangeError(`permutation: length must be an integer in [0, 2^32], got ${length}`);
  }
  const generator = xoroshiro128plusFromState(rng.state);
  const order = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = uniformInt(generator, 0, last);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/**
 * The items in a random order; the input stays as it was.
 *
 * @example
 * ```ts
 * import { createRng, shuffle } from '@svo/mdp';
 * shuffle(createRng(3), ['a', 'b', 'c']).toSorted(); // => ['a', 'b', 'c']
 * ```
 */
export function shuffle<Item>(rng: Rng, items: readonly Item[]): Item[] {
  return permutation(rng, items.length).map((index) => items[index]!);
}

/**
 * A seed (an integer in [0, 2⁵³)) drawn from the stream, for interfaces that want a number, such as `ProposeRequest.seed`.
 *
 * @example
 * ```ts
 * import { createRng, seedFrom, splitRng } from '@svo/mdp';
 * Number.isSafeInteger(seedFrom(splitRng(createRng(1), 'question-12'))); // => true
 * ```
 */
export function seedFrom(rng: Rng): number {
  return uniform(rng)[0] * 2 ** 53;
}
