import { tf } from '@svo/tensor';
import { embedding } from '../operations/embedding.ts';
import { linear } from '../operations/linear.ts';
import { linearTokenLogps } from '../operations/linear-token-logps.ts';
import { rmsNorm } from '../operations/rms-norm.ts';
import { rotaryAttention } from '../operations/rotary-attention.ts';
import { swiglu } from '../operations/swiglu.ts';
import { integers, tensor } from './backends.ts';
import { createRandom } from './random-numbers.ts';

/** A one-layer decoder's loss and all its gradients, as bits. */
export function stepBits(): Int32Array {
  const [batch, length, heads, keyValueHeads, headDim, F, V] = [2, 61, 4, 2, 12, 70, 97];
  const [N, D, E] = [batch * length, heads * headDim, keyValueHeads * headDim];
  const random = createRandom(11);
  const shapes = {
    table: [V, D],
    norm: [D],
    q: [D, D],
    k: [E, D],
    v: [E, D],
    o: [D, D],
    gate: [F, D],
    up: [F, D],
    down: [D, F],
  };
  return tf.tidy(() => {
    const names = Object.keys(shapes) as (keyof typeof shapes)[];
    const weights = names.map((name) =>
      tensor(
        random.normal(
          shapes[name].reduce((a, b) => a * b, 1),
          0.3,
        ),
        ...shapes[name],
      ),
    );
    const [ids, targets] = [integers(random.below(N, V)), integers(random.below(N, V))];
    const angles = Array.from({ length: (length * headDim) / 2 }, (_, i) => i / 10);
    const [cos, sin] = [Math.cos, Math.sin].map((f) => tensor(angles.map(f), length, headDim / 2));
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const p = Object.fromEntries(names.map((name, i) => [name, values[i]!])) as Record<
        keyof typeof shapes,
        tf.Tensor
      >;
      const x = embedding(p.table, ids);
      const h = rmsNorm(x, p.norm);
      const sizes = { batch, length, heads, keyValueHeads, headDim };
      const mixed = rotaryAttention(
        { query: linear(h, p.q), key: linear(h, p.k), value: linear(h, p.v), cos: cos!, sin: sin! },
        sizes,
      );
      const y = tf.add(x, linear(mixed, p.o));
      const z = tf.add(y, linear(swiglu(linear(y, p.gate), linear(y, p.up)), p.down));
      return tf.neg(tf.mean(linearTokenLogps(z, p.table, targets)));
    };
    const { value, grads } = tf.valueAndGrads(loss)(weights);
    const all = [value, ...grads].flatMap((t) => Array.from(t.dataSync()));
    return new Int32Array(Float32Array.from(all).buffer);
  });
}
