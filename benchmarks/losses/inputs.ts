/** What both sides of the speed comparison compute: every loss, from log-probs to value and gradients. */
import * as exports from '@svo/losses';
import { type Scalar, type Tensor, tf } from '@svo/tensor';

/** Steps of a trajectory, or tokens of a short response, in the [B, S] losses. */
export const STEPS = 8;

/** A loss as it is exported. */
type AnyLoss = ((inputs: never) => Scalar) & Pick<typeof exports.dvoLoss, 'manifest'>;

/** Every loss by name, from the exports that have a manifest. */
export const losses: Readonly<Record<string, AnyLoss>> = Object.fromEntries(
  Object.entries(exports as unknown as Record<string, AnyLoss>).filter(([, loss]) => loss.manifest !== undefined),
);

/** The inputs of a loss that carry gradient whatever its options. */
export const trainedInputs = ({ manifest }: AnyLoss): string[] =>
  Object.entries(manifest.inputs).flatMap(([name, { trained }]) => (trained === true ? [name] : []));

/** Deterministic inputs; the numbers do not matter for speed beyond not being special. What is optional is left out. */
export function drawInputs({ manifest }: AnyLoss, batch: number, columns = STEPS): Record<string, Tensor> {
  let state = 1;
  const random = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const draw: Readonly<Record<string, (i: number) => number>> = {
    logps: () => -10 * random(),
    reference: () => -10 * random(),
    values: () => 2 * random() - 1,
    rewards: (i) => Number(i % columns === columns - 1) + random() / 8,
    mask: () => 1,
    labels: (i) => i % 2,
    lengths: () => 1 + Math.floor(20 * random()),
  };
  const needed = Object.entries(manifest.inputs).filter(([, { optional }]) => !optional);
  return Object.fromEntries(
    needed.map(([name, { shape, kind }]) => {
      // A baseline needs two mismatched completions, also beside one long response.
      const own = shape.includes(' ') ? [batch, columns] : [shape === 'M' ? Math.max(batch, 2) : batch];
      const length = own.reduce((a, b) => a * b, 1);
      return [
        name,
        tf.tensor(
          Float32Array.from({ length }, (_, i) => draw[kind]!(i)),
          own,
        ),
      ];
    }),
  );
}
