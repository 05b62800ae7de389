import { type Tensor, tf } from '@svo/tensor';
import { rotaryAttentionComposite } from '../composite/rotary-attention.ts';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireIds, requireShape } from '../shapes.ts';

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

/** Backends whose fused kernel knows `starts`; the others compute such batches from plain operations. */
const keepApart: ReadonlySet<string> = new Set(['wasm']);

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

/**
 * Causal self-attention with rotary positions: softmax(R(q) R(k)ᵀ / √headDim + causal mask) v, head by head.
 * Vaswani et al. 2017, eq. 1; rotation of Su et al. 2021 (RoFormer, eq. 34) in the half-split order of Hugging Face's
 * Llama: (a, b) → (a cos − b sin, b cos + a sin). Differentiable in `query`, `key` and `value`.
 *
 * @param inputs see `AttentionInputs`.
 * @param shape see `AttentionShape`.
 * @returns `[N, heads · headDim]`.
 * @throws ShapeError when a tensor does not fit; RangeError when keyValueHeads does not divide heads, headDim is odd or window < 1.
 *
 * @example
 * ```ts
 * import { rotaryAttention } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const zeros = tf.zeros([2, 2]);
 * const value = tf.tensor2d([[1, 2], [3, 4]]);
 * const unrotated = { cos: tf.ones([2, 1]), sin: tf.zeros([2, 1]) };
 * const shape = { batch: 1, length: 2, heads: 1, keyValueHeads: 1, headDim: 2 };
 * const y = rotaryAttention({ query: zeros, key: zeros, value, ...unrotated }, shape);
 * Array.from(y.dataSync()); // => [1, 2, 2, 3]
 * ```
 */
export function rotaryAttention(inputs: AttentionInputs, shape: AttentionShape): Tensor {
  checkAttention(inputs, shape);
  const { cos, sin, starts } = inputs;
  const fused = hasKernel('SvoRotaryAttention') && (!starts || keepApart.has(tf.getBackend()));
  if (!fused) return rotaryAttentionComposite(inputs, shape);
  const packed: { starts?: Tensor } = starts ? { starts } : {};
  const attributes = { ...shape, window: shape.window ?? shape.length };
  return tf.customGrad((q, k, v, save) => {
    const [query, key, value] = [q, k, v] as Tensor[] as [Tensor, Tensor, Tensor];
    const [y, ...kept] = runKernel('SvoRotaryAttention', { query, key, value, cos, sin, ...packed }, attributes);
    (save as tf.GradSaveFunc)([query, key, value, cos, sin, y!, ...kept, ...(starts ? [starts] : [])]);
    return {
      value: y!,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [savedQuery, savedKey, savedValue, savedCos, savedSin, output, ...rest] = saved as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          ...Tensor[],
        ];
        const again: { starts?: Tensor } = starts ? { starts: rest.pop()! } : {};
        const extra = Object.fromEntries(rest.map((tensor, index) => [`kept${index}`, tensor]));
        return runKernel(
          'SvoRotaryAttentionGradient',
          {
            dy,
            query: savedQuery,
            key: savedKey,
            value: savedValue,
            cos: savedCos,
            sin: savedSin,
            output,
            ...again,
            ...extra,
          },
          attributes,
        );
      },
    };
  })(inputs.query, inputs.key, inputs.value);
}

function checkAttention({ query, key, value, cos, sin, starts }: AttentionInputs, shape: AttentionShape): void {
  const where = 'rotaryAttention';
  const { batch, length, heads, keyValueHeads, headDim, window } = shape;
  checkHeads(where, heads, keyValueHeads, headDim, window);
  requireShape(where, 'query', query, [batch * length, heads * headDim]);
  requireShape(where, 'key', key, [batch * length, keyValueHeads * headDim]);
  requireShape(where, 'value', value, [batch * length, keyValueHeads * headDim]);
  requireShape(where, 'cos', cos, [length, headDim / 2]);
  requireShape(where, 'sin', sin, [length, headDim / 2]);
  if (!starts) return;
  requireShape(where, 'starts', starts, [batch * length]);
  requireIds(where, 'starts', starts);
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
