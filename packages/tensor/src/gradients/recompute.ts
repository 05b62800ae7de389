import { type Tensor, tf } from '../tf.ts';
import { customGradient } from './custom-gradient.ts';
import { reverseMode } from './reverse-mode.ts';

/**
 * Runs `f` on `inputs` and keeps the inputs alone: the backward pass runs `f` again for what it needs in between (gradient
 * checkpointing, Chen et al. 2016, 1604.06174). Memory for time: one more forward pass. The gradients are those of `f` itself,
 * bit for bit; of an input nobody wants (a frozen weight) none is computed where `valueAndGrads` or `reverseMode` walks back.
 *
 * @param f - computes one tensor from the inputs it is given, the same each time; it may use no other tensor
 * @param inputs - a record or list of every tensor that `f` uses, constants too, nested as you like; what is no tensor in it stays
 * @returns what `f` returns
 * @throws Error when an operation of `f` has no gradient
 * @example
 * ```ts
 * import { recompute, tf, valueAndGrads } from '@svo/tensor';
 * const { gradients } = valueAndGrads(
 *   ({ x }) => tf.sum(recompute((given) => tf.mul(given.x, tf.square(given.x)), { x })),
 *   { x: tf.tensor1d([2, 3]) },
 * );
 * gradients.x.arraySync(); // => [12, 27]
 * ```
 */
export function recompute<T extends object>(f: (inputs: T) => Tensor, inputs: T): Tensor {
  const tensors: Tensor[] = [];
  replaced(inputs, (tensor) => {
    tensors.push(tensor);
    return tensor;
  });
  const on = (given: readonly Tensor[]): Tensor => {
    let next = 0;
    return f(replaced(inputs, () => given[next++]!));
  };
  return customGradient(tensors, (given, save) => {
    save(given);
    return {
      value: on(given),
      gradFunc(dy, saved, wanted) {
        const some = saved.filter((_, i) => wanted[i]);
        const { value, gradients } = reverseMode(() => on(saved), some, dy);
        value.dispose();
        let next = 0;
        return saved.map((input, i) => (wanted[i] ? (gradients[next++] ?? tf.zerosLike(input)) : undefined));
      },
    };
  });
}

/** The same structure with another tensor in each tensor's place, in a fixed order. */
function replaced<T>(tree: T, by: (tensor: Tensor) => Tensor): T {
  if (tree instanceof tf.Tensor) return by(tree) as T;
  if (Array.isArray(tree)) return tree.map((part) => replaced(part, by)) as T;
  if (tree === null || typeof tree !== 'object' || ArrayBuffer.isView(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, replaced(part, by)])) as T;
}
