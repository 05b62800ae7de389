import type { StoredMatrix } from '@svo/files';
import { customGradient, type Tensor, tf } from '@svo/tensor';
import { addProduct } from '../add-product.ts';
import { requireShape } from '../shapes.ts';
import { times, timesTransposed } from '../stored/products.ts';
import { isStored } from '../stored/rows.ts';

/** A matrix with a low-rank adapter beside it. */
export interface AdaptedWeights {
  /** W `[M, K]`: a tensor, or a matrix that stays as it is stored and gets no gradient. */
  readonly weight: Tensor | StoredMatrix;
  /** b `[M]`. */
  readonly bias?: Tensor | undefined;
  /** A `[r, K]`. */
  readonly down: Tensor;
  /** B `[M, r]`. */
  readonly up: Tensor;
  /** s = α / r. */
  readonly scale: number;
}

/**
 * A linear layer with a low-rank adapter (LoRA, Hu et al. 2021, 2106.09685, eq. 3) as one operation: y = x Wᵀ + b + s·x Aᵀ Bᵀ.
 * Between the passes it keeps x and x Aᵀ alone, where the same written as products and sums keeps each of them. Where gradients
 * are walked back by `valueAndGrads` or `reverseMode`, one nobody wants (of a frozen W) is not computed.
 *
 * @param x `[N, K]`.
 * @param weights see `AdaptedWeights`.
 * @returns `[N, M]`.
 * @throws ShapeError on other shapes; RangeError when `scale` is no finite number.
 *
 * @example
 * ```ts
 * import { adaptedLinear } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const [weight, down, up] = [tf.eye(2), tf.tensor2d([[1, 1]]), tf.tensor2d([[1], [0]])];
 * const y = adaptedLinear(tf.tensor2d([[1, 2]]), { weight, down, up, scale: 2 });
 * Array.from(y.dataSync()); // => [7, 2]
 * ```
 */
export function adaptedLinear(x: Tensor, weights: AdaptedWeights): Tensor {
  check(x, weights);
  const { weight, bias, down, up, scale } = weights;
  const stored = isStored(weight) ? weight : undefined;
  const inputs = [x, down, up, ...(isStored(weight) ? [] : [weight]), ...(bias ? [bias] : [])];
  return customGradient(inputs, ([rows, a, b, ...others], save) => {
    const w = stored ? undefined : others[0]!;
    const added = bias && others.at(-1)!;
    const low = tf.matMul(rows!, a!, false, true);
    save([rows!, low, a!, b!, ...(w ? [w] : [])]);
    const product = stored ? timesTransposed(rows!, stored) : tf.matMul(rows!, w!, false, true);
    const base = added ? tf.add(product, added) : product;
    return {
      value: addProduct(base, tf.mul(low, scale), b!, { transposeB: true }),
      gradFunc: (dy, saved, wanted) => gradients(dy, saved as Saved, { scale, stored }, wanted),
    };
  });
}

type Saved = [x: Tensor, low: Tensor, down: Tensor, up: Tensor, weight?: Tensor];

/** Of x, A, B, W unless it is stored, and b, in the order of the inputs. */
function gradients(
  dy: Tensor,
  [x, low, down, up, weight]: Saved,
  { scale, stored }: { readonly scale: number; readonly stored: StoredMatrix | undefined },
  wanted: readonly boolean[],
): (Tensor | undefined)[] {
  const [forX, forDown, forUp, ...others] = wanted;
  const [forWeight, forBias] = weight ? others : [undefined, ...others];
  const dLow = forX || forDown ? tf.mul(tf.matMul(dy, up), scale) : undefined;
  return [
    forX ? addProduct(stored ? times(dy, stored) : tf.matMul(dy, weight!), dLow!, down, {}) : undefined,
    forDown ? tf.matMul(dLow!, x, true) : undefined,
    forUp ? tf.matMul(dy, tf.mul(low, scale), true) : undefined,
    ...(weight ? [forWeight ? tf.matMul(dy, x, true) : undefined] : []),
    ...(forBias === undefined ? [] : [forBias ? tf.sum(dy, 0) : undefined]),
  ];
}

function check(x: Tensor, { weight, bias, down, up, scale }: AdaptedWeights): void {
  const where = 'adaptedLinear';
  requireShape(where, 'x', x, [-1, -1]);
  requireShape(where, 'weight', weight, [-1, x.shape[1]!]);
  if (bias !== undefined) requireShape(where, 'bias', bias, [weight.shape[0]!]);
  requireShape(where, 'down', down, [-1, x.shape[1]!]);
  requireShape(where, 'up', up, [weight.shape[0]!, down.shape[0]!]);
  if (!Number.isFinite(scale))
    throw new RangeError(`${where}: scale must be a finite number, got ${scale} (it is α / r)`);
}
