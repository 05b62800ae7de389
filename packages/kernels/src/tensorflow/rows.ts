/** Normalisation, the feed-forward gate and the embedding table, row by row. */
import type { TensorflowSession } from '@svo/tensor';
import type { Attributes, Handles, Kernels } from '../registry.ts';
import { operations } from './operations.ts';
import { inRange } from './range-errors.ts';

export function rowKernels({
  kernel,
}: TensorflowSession): Kernels<
  'SvoEmbedding' | 'SvoEmbeddingGradient' | 'SvoRmsNorm' | 'SvoRmsNormGradient' | 'SvoSwiglu' | 'SvoSwigluGradient'
> {
  return {
    SvoEmbedding: ({ weight, ids }: Handles) =>
      inRange('embedding: ids', () => kernel((ops) => [operations(ops).gather(ops.of(weight!), ops.of(ids!))])),

    SvoEmbeddingGradient: ({ dy, ids }: Handles, { vocabulary }: Attributes) =>
      kernel((ops) => [ops.run('UnsortedSegmentSum', [ops.of(dy!), ops.of(ids!), ops.constant(vocabulary as number)])]),

    /** One reading of x for the norm, one pass for each factor. */
    SvoRmsNorm: ({ x, weight }: Handles, { epsilon }: Attributes) =>
      kernel((ops) => {
        const { add, mul, scale, euclideanNorm } = operations(ops);
        const rows = ops.of(x!);
        const meanSquare = scale(ops.run('Square', [euclideanNorm(rows)]), 1 / x!.shape[1]!);
        const inverse = ops.run('Rsqrt', [add(meanSquare, ops.constant(epsilon as number, 'float32'))]);
        return [mul(mul(rows, inverse), ops.of(weight!)), inverse];
      }),

    /**
     * dx = inverse · (dy·w − x · inverse² · mean(x·dy·w)); dw = Σ rows x·dy · inverse. Both sums are products of x·dy with
     * a vector, so that neither makes another matrix.
     */
    SvoRmsNormGradient: ({ dy, x, weight, inverse }: Handles) =>
      kernel((ops) => {
        const { mul, sub, scale, product, productOfTransposed, reshape } = operations(ops);
        const [upstream, rows, w, inv] = [ops.of(dy!), ops.of(x!), ops.of(weight!), ops.of(inverse!)];
        const D = x!.shape[1]!;
        const slopes = mul(upstream, rows);
        const dWeight = reshape(productOfTransposed(inv, slopes), [D]);
        const inner = product(slopes, reshape(w, [D, 1]));
        const share = scale(mul(inner, mul(inv, inv)), 1 / D);
        return [mul(sub(mul(upstream, w), mul(rows, share)), inv), dWeight];
      }),

    SvoSwiglu: ({ gate, up }: Handles) =>
      kernel((ops) => {
        const { mul } = operations(ops);
        const g = ops.of(gate!);
        return [mul(mul(g, ops.run('Sigmoid', [g])), ops.of(up!))];
      }),

    /** dUp = dy · gσ; dGate = dy · up · (σ + gσ(1 − σ)), the last summand being TensorFlow's own SigmoidGrad. */
    SvoSwigluGradient: ({ dy, gate, up }: Handles) =>
      kernel((ops) => {
        const { add, mul } = operations(ops);
        const [upstream, g] = [ops.of(dy!), ops.of(gate!)];
        const sigma = ops.run('Sigmoid', [g]);
        const dUp = mul(upstream, mul(g, sigma));
        const slope = add(sigma, ops.run('SigmoidGrad', [sigma, g]));
        return [mul(mul(upstream, ops.of(up!)), slope), dUp];
      }),
  };
}
