/** What attention takes: its tensors and sizes, in training and in decoding. */
import type { Tensor } from '@svo/tensor';

/** The tensors of `rotaryAttention`; N = batch · length rows. */
export interface AttentionInputs {
  /** `[N, heads · headDim]`. */
  readonly query: Tensor;
  /** `[N, keyValueHeads · headDim]`. */
  readonly key: Tensor;
  /** `[N, keyValueHeads · headDim]`. */
  readonly value: Tensor;
  /** `[T, headDim / 2]`: cosines of the rotation angles; never differentiated. */
  readonly cos: Tensor;
  /** `[T, headDim / 2]`: their sines. */
  readonly sin: Tensor;
  /**
   * `[N]` int32: the first position of its row a token may look at, nondecreasing along a row; keeps several examples in one
   * row apart. Default: 0 everywhere, every row is one sequence.
   */
  readonly starts?: Tensor;
}

/** The sizes of `rotaryAttention`. */
export interface AttentionShape {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  /** Divides `heads`; each key-value head serves heads / keyValueHeads neighbouring query heads. */
  readonly keyValueHeads: number;
  /** Even. */
  readonly headDim: number;
  /** Positions a token may look back to, itself included (Mistral). Default: all. */
  readonly window?: number;
}

/** The tensors of `cachedAttention`; R rows, one new token each. */
export interface CachedAttentionInputs {
  /** `[R, heads · headDim]`, not yet rotated. */
  readonly query: Tensor;
  /** `[R, keyValueHeads · headDim]`, not yet rotated. */
  readonly key: Tensor;
  /** `[R, keyValueHeads · headDim]`. */
  readonly value: Tensor;
  /** `[R, Tmax, keyValueHeads · headDim]`: rotated keys; written at `positions`. */
  readonly keyCache: Tensor;
  /** `[R, Tmax, keyValueHeads · headDim]`: written at `positions`. */
  readonly valueCache: Tensor;
  /** `[R]` int32: where the new token stands, in 0 … Tmax − 1. */
  readonly positions: Tensor;
  /** `[P, headDim / 2]`, P > every position. */
  readonly cos: Tensor;
  /** `[P, headDim / 2]`. */
  readonly sin: Tensor;
}

/** The sizes of `cachedAttention`. */
export interface CachedAttentionShape {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** Positions a token may look back to, itself included. Default: all. */
  readonly window?: number;
}

/** The conditions every attention shares. */
export function checkHeads(
  where: string,
  heads: number,
  keyValueHeads: number,
  headDim: number,
  window?: number,
): void {
  if (heads % keyValueHeads !== 0)
    throw new RangeError(`${where}: keyValueHeads must divide heads = ${heads}, got ${keyValueHeads}`);
  if (headDim % 2 !== 0)
    throw new RangeError(`${where}: headDim must be even, got ${headDim} (rotation pairs its two halves)`);
  if (window !== undefined && !(Number.isInteger(window) && window >= 1))
    throw new RangeError(`${where}: window must be an integer ≥ 1, got ${window} (leave it out for full attention)`);
}
