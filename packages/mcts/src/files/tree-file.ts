import type { Draw, Failure, Question } from '@svo/mdp';
import type { Fingerprint, Tree, Usage } from '../tree/tree.ts';

/**
 * The tree file, little-endian:
 *
 * | bytes | content |
 * |---|---|
 * | 0–7 | `SVOTREE1` |
 * | 8–11, 12–15 | length of the header, XXH32 of the header |
 * | 16– | the header, JSON in UTF-8, then blanks |
 * | then | each section of the header, starting at a multiple of 8, with zeros between |
 *
 * Sections are the tree's arrays by name, `ends` (uint32), `tokenIds` (int32) and `logps` (float64) where something drawn is
 * known, `offsets` (where each text starts, uint32, and the end of the last) and `texts` (UTF-8).
 */
export const MAGIC: Uint8Array = new TextEncoder().encode('SVOTREE1');

/** The arrays of a tree, in file order. */
export type ArrayName =
  | 'parents'
  | 'firstChildren'
  | 'childCounts'
  | 'depths'
  | 'visits'
  | 'values'
  | 'priors'
  | 'counts'
  | 'statuses'
  | 'pending';

/** Makes an array of the type over bytes. */
export interface ArrayType {
  new (buffer: ArrayBufferLike, offset: number, length: number): Tree[ArrayName] | Uint32Array;
  readonly BYTES_PER_ELEMENT: number;
}

/** Each array's element type. */
export const ARRAYS: Readonly<Record<ArrayName, ArrayType>> = {
  parents: Int32Array,
  firstChildren: Int32Array,
  childCounts: Uint16Array,
  depths: Uint16Array,
  visits: Uint32Array,
  values: Float64Array,
  priors: Float32Array,
  counts: Uint16Array,
  statuses: Uint8Array,
  pending: Uint8Array,
};

export const ARRAY_NAMES: readonly ArrayName[] = Object.keys(ARRAYS) as ArrayName[];

export interface Section {
  readonly name: string;
  readonly bytes: number;
  readonly checksum: number;
}

export interface Header {
  readonly version: 1 | 2;
  readonly question: Question;
  readonly seed: number;
  readonly prefix: readonly string[];
  /** Since version 2, and only of trees that a search made. */
  readonly fingerprint?: Fingerprint;
  /** Since version 2, and only of trees that were re-rooted after something drawn; `null` for what nobody knows. */
  readonly prefixDraws?: readonly (Draw | null)[];
  readonly size: number;
  readonly iterations: number;
  readonly inFlight: number;
  readonly solutions: number;
  readonly usage: Usage;
  readonly failures: readonly (readonly [node: number, failure: Failure])[];
  /** Since version 2; so is `usage.lost`. */
  readonly lostAnswers: readonly (readonly [node: number, times: number])[];
  readonly sections: readonly Section[];
}

/** The next multiple of 8. */
export const aligned = (offset: number): number => (offset + 7) & ~7;

/** Throws on a big-endian machine, where the arrays' bytes would mean other numbers. */
export function requireLittleEndian(caller: string): void {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
    throw new RangeError(`${caller}: needs a little-endian machine, got a big-endian one`);
  }
}
