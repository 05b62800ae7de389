/** Causal attention over rotated queries and keys. */
import type { NativeOps, NativeTensor, TensorflowSession } from '@svo/tensor';
import type { Attributes, Handles, Kernels } from '../registry.ts';
import { operations } from './operations.ts';
import { rotaryFactors, rotated, rotatedBack } from './rotary.ts';

type Sizes = Record<'batch' | 'length' | 'heads' | 'keyValueHeads' | 'headDim' | 'window', number>;

export function attentionKernels({
  kernel,
}: TensorflowSession): Kernels<'SvoRotaryAttention' | 'SvoRotaryAttentionGradient'> {
  return {
    /** Keeps the rotated queries and keys, the values and the weights, head by head, for the way back. */
    SvoRotaryAttention: ({ query, key, value, cos, sin }: Handles, attributes: Attributes) =>
      kernel((ops) => {
        const sizes = attributes as Sizes;
        const { length, heads, keyValueHeads, headDim, window } = sizes;
        const { add, product, productWithTransposed } = operations(ops);
        const tables = [ops.of(cos!), ops.of(sin!)] as const;
        const q = rotated(
          ops,
          byHead(ops, ops.of(query!), heads, sizes),
          rotaryFactors(ops, ...tables, 1 / Math.sqrt(headDim)),
        );
        const k = rotated(ops, byHead(ops, ops.of(key!), keyValueHeads, sizes), rotaryFactors(ops, ...tables));
        const v = byHead(ops, ops.of(value!), keyValueHeads, sizes);
        const scores = productWithTransposed(grouped(ops, q, sizes), k);
        const masked = add(ungrouped(ops, scores, sizes), causalMask(ops, length, window));
        const weights = ops.run('Softmax', [masked]);
        ops.free(scores, masked);
        const mixed = ungrouped(ops, product(grouped(ops, weights, sizes), v), sizes);
        return [byRow(ops, mixed, heads, sizes), q, k, v, weights];
      }),

    SvoRotaryAttentionGradient: (inputs: Handles, attributes: Attributes) =>
      kernel((ops) => {
        const sizes = attributes as Sizes;
        const { batch, length, heads, keyValueHeads, headDim } = sizes;
        const { mul, sub, sum, product, productOfTransposed, productWithTransposed, reshape, transpose } =
          operations(ops);
        const [q, k, v, weights] = ['rotatedQuery', 'rotatedKey', 'headValue', 'weights'].map((name) =>
          ops.of(inputs[name]!),
        ) as [NativeTensor, NativeTensor, NativeTensor, NativeTensor];
        const tables = [ops.of(inputs.cos!), ops.of(inputs.sin!)] as const;
        const dy = grouped(ops, byHead(ops, ops.of(inputs.dy!), heads, sizes), sizes);
        const dValue = productOfTransposed(grouped(ops, weights, sizes), dy);
        // Σ dy · y of each row is what the softmax's gradient subtracts.
        const slopes = mul(ops.of(inputs.dy!), ops.of(inputs.output!));
        const inner = sum(reshape(slopes, [batch, length, heads, headDim]), 3);
        const means = transpose(inner, [0, 2, 1, 3]);
        const dWeights = ungrouped(ops, productWithTransposed(dy, v), sizes);
        const centred = sub(dWeights, means);
        const dScores = grouped(ops, mul(centred, weights), sizes);
        ops.free(dWeights, centred);
        const dq = ungrouped(ops, product(dScores, k), sizes);
        const dk = productOfTransposed(dScores, grouped(ops, q, sizes));
        const [scaled, plain] = [rotaryFactors(ops, ...tables, 1 / Math.sqrt(headDim)), rotaryFactors(ops, ...tables)];
        return [
          byRow(ops, rotatedBack(ops, dq, scaled), heads, sizes),
          byRow(ops, rotatedBack(ops, dk, plain), keyValueHeads, sizes),
          byRow(ops, dValue, keyValueHeads, sizes),
        ];
      }),
  };
}

/** `[B·T, count·headDim]` → `[B, count, T, headDim]`. */
function byHead(ops: NativeOps, x: NativeTensor, count: number, { batch, length, headDim }: Sizes): NativeTensor {
  const { reshape, transpose } = operations(ops);
  return transpose(reshape(x, [batch, length, count, headDim]), [0, 2, 1, 3]);
}

/** `[B, count, T, headDim]` → `[B·T, count·headDim]`. */
function byRow(ops: NativeOps, x: NativeTensor, count: number, { batch, length, headDim }: Sizes): NativeTensor {
  const { reshape, transpose } = operations(ops);
  return reshape(transpose(x, [0, 2, 1, 3]), [batch * length, count * headDim]);
}

/** `[B, heads, T, n]` → `[B, keyValueHeads, heads/keyValueHeads · T, n]`: queries that share a key head are rows of one matrix. */
function grouped(ops: NativeOps, x: NativeTensor, { batch, length, heads, keyValueHeads }: Sizes): NativeTensor {
  if (heads === keyValueHeads) return x;
  return operations(ops).reshape(x, [batch, keyValueHeads, (heads / keyValueHeads) * length, x.shape.at(-1)!]);
}

/** The way back from `grouped`. */
function ungrouped(ops: NativeOps, x: NativeTensor, { batch, length, heads, keyValueHeads }: Sizes): NativeTensor {
  if (heads === keyValueHeads) return x;
  return operations(ops).reshape(x, [batch, heads, length, x.shape.at(-1)!]);
}

/** 0 where position i may look at position j (j ≤ i, and j > i − window), −∞ elsewhere: `[T, T]`. */
function causalMask(ops: NativeOps, length: number, window: number): NativeTensor {
  const reach = Math.min(window, length);
  return ops.table(`causal ${length} ${reach}`, [length, length], () => {
    const mask = new Float32Array(length * length);
    for (let i = 0; i < length; i++)
      for (let j = 0; j < length; j++) if (j > i || j <= i - reach) mask[i * length + j] = Number.NEGATIVE_INFINITY;
    return mask;
  });
}
