import { type Tensor, tf } from '../tf.ts';
import { customGradient } from './custom-gradient.ts';
import { reverseMode } from './reverse-mode.ts';

/**
 * Runs `f` on `inputs` and keeps the inputs alone: the backward pass runs `f` again for what it needs in between (gradient
 * checkpointing, Chen et al. 2016, 1604.06174). Memory for time: one more forward pass. The gradients are those of `f` itself,
 * bit for bit; of an input nobody wants (a frozen weight) none is computed where `valueAndGrads` or `reverseMode` walks back.
 *
 * @param f - computes one tensor from the tensors it is given, the same each time; it may use no other tensor
 * @param inputs - every tensor that `f` uses, constants too
 * @returns what `f` returns
 * @throws Error when an operation of `f` has no gradient
 * @example
 * ```ts
 * import { recompute, tf, valueAndGrads } from '@svo/tensor';
 * const cube = ([x]) => tf.mul(x, tf.square(x));
 * const { gradients } = valueAndGrads(({ x }) => tf.sum(recompute(cube, [x])), { x: tf.tensor1d([2, 3]) });
 * gradients.x.arraySync(); // => [12, 27]
 * ```
 */
export function recompute(f: (inputs: readonly Tensor[]) => Tensor, inputs: readonly Tensor[]): Tensor {
  return customGradient(inputs, (given, save) => {
    save(given);
    return {
      value: f(given),
      gradFunc(dy, saved, wanted) {
        const { value, gradients } = reverseMode(
          () => f(saved),
          saved.filter((_, i) => wanted[i]),
          dy,
        );
        value.dispose();
        let next = 0;
        return saved.map((input, i) => (wanted[i] ? (gradients[next++] ?? tf.zerosLike(input)) : undefined));
      },
    };
  });
}
