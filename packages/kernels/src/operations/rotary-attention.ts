import { type Tensor, tf } from '@svo/tensor';
import { rotaryAttentionComposite } from '../composite/rotary-attention.ts';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireIds, requireShape } from '../shapes.ts';
import { type AttentionInputs, type AttentionShape, checkHeads } from './attention-shape.ts';

/** Backends whose fused kernel knows `starts`; the others compute such batches from plain operations. */
const keepApart: ReadonlySet<string> = new Set(['wasm']);

/** What each backend's fused kernel returns after its output, for its own way back. */
const kernelKeeps: Readonly<Record<string, readonly string[]>> = {
  wasm: ['logSums'],
  webgpu: ['logSums'],
  tensorflow: ['rotatedQuery', 'rotatedKey', 'headValue', 'weights'],
};

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
    const given = { query: q as Tensor, key: k as Tensor, value: v as Tensor, cos, sin, ...packed };
    const [output, ...kept] = runKernel('SvoRotaryAttention', given, attributes);
    const names = kernelKeeps[tf.getBackend()]!;
    const needed = { ...given, output: output!, ...Object.fromEntries(names.map((name, i) => [name, kept[i]!])) };
    const neededNames = Object.keys(needed);
    (save as tf.GradSaveFunc)(Object.values(needed));
    return {
      value: output!,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        // tfjs gives back what was saved as a list, in the same order.
        const again = Object.fromEntries(neededNames.map((name, i) => [name, saved[i]!]));
        return runKernel('SvoRotaryAttentionGradient', { dy, ...again }, attributes);
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
