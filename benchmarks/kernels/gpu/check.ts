/** Before anything is timed: each operation against float64, value and gradient, at sizes no tile divides. */
import { storedNumbers } from '@svo/files';
import {
  adamwUpdate,
  embedding,
  linear,
  linearTokenLogps,
  rmsNorm,
  rotaryAttention,
  swiglu,
  targetLogps,
} from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import { createRandom } from '../../../packages/kernels/src/test-support/random-numbers.ts';
import {
  attentionReference,
  type Expected,
  embeddingReference,
  linearReference,
  rmsNormReference,
  swigluReference,
  targetLogpsReference,
} from '../../../packages/kernels/src/test-support/reference.ts';
import { type PackedDtype, packed, packedDtypes } from './packed.ts';

const tolerance = 2e-5;
const tensor = (values: readonly number[], ...shape: number[]): Tensor => tf.tensor(Float32Array.from(values), shape);
const ids = (values: readonly number[]): Tensor => tf.tensor1d(Int32Array.from(values), 'int32');
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** Largest difference relative to the largest magnitude, at least 1; NaN never passes. */
function distance(actual: ArrayLike<number>, due: readonly number[]): number {
  const magnitude = due.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return (
    due.reduce((most, value, i) => {
      const gap = Math.abs(actual[i]! - value);
      return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(most, gap);
    }, 0) / magnitude
  );
}

async function compare(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  dy: readonly number[],
  due: Expected,
): Promise<number> {
  const results = tf.tidy(() => {
    const value = f(...inputs);
    return [value, ...tf.grads((...x: Tensor[]) => f(...x))([...inputs], tensor(dy, ...value.shape))];
  });
  const gaps: number[] = [];
  for (const [i, expected] of [due.value, ...due.gradients].entries())
    gaps.push(distance(await results[i]!.data(), expected));
  tf.dispose([results, inputs as Tensor[]]);
  return Math.max(...gaps);
}

/** Rows, columns and tokens of the products, and the shapes of attention. */
const products = [
  [1, 1, 1, 1],
  [2, 7, 5, 37],
  [3, 65, 33, 129],
  [4, 130, 70, 300],
] as const;
const attentions = [
  [5, 1, 1, 1, 1, 2, 1],
  [6, 2, 65, 2, 3, 20, 65],
  [7, 1, 130, 1, 2, 64, 40],
] as const;

/** The worst difference of each operation over its cases, or at one size larger than a tile where `few` is set. */
export async function checkOperations(few = false): Promise<Record<string, number>> {
  const worst: Record<string, number> = {};
  const note = (name: string, gap: number): void => {
    worst[name] = Math.max(worst[name] ?? 0, gap);
    if (!(gap <= tolerance)) throw new Error(`${name} is off by ${gap} (at most ${tolerance} is rounding)`);
  };
  for (const [seed, N, D, V] of few ? products.slice(2, 3) : products) {
    const random = createRandom(seed);
    const [x, w, b, targets] = [random.normal(N * D), random.normal(V * D), random.normal(V), random.below(N, V)];
    const [toV, toD, toN] = [random.normal(N * V), random.normal(N * D), random.normal(N)];
    const product = linearReference(x, w, b, toV, [N, D, V]);
    note(
      'linear',
      await compare((p, q, r) => linear(p!, q!, r!), [tensor(x, N, D), tensor(w, V, D), tensor(b, V)], toV, product),
    );
    const head = linearReference(x, w, zeros(V), toV, [N, D, V]);
    const logps = targetLogpsReference(head.value, targets, toN, [N, V]);
    note(
      'tokenLogps',
      await compare((l) => targetLogps(l!, ids(targets)), [tensor(head.value.map(Math.fround), N, V)], toN, logps),
    );
    const [dx, dw] = linearReference(x, w, zeros(V), logps.gradients[0]!, [N, D, V]).gradients as [number[], number[]];
    const fused = { value: logps.value, gradients: [dx, dw] };
    note(
      'linearTokenLogps',
      await compare((p, q) => linearTokenLogps(p!, q!, ids(targets)), [tensor(x, N, D), tensor(w, V, D)], toN, fused),
    );
    for (const dtype of packedDtypes) note(dtype, await checkPacked(dtype, [N, D, V], { x, w, targets, toV, toN }));
    const scale = random.normal(D);
    note(
      'rmsNorm',
      await compare(
        (p, q) => rmsNorm(p!, q!, 0.1),
        [tensor(x, N, D), tensor(scale, D)],
        toD,
        rmsNormReference(x, scale, 0.1, toD, [N, D]),
      ),
    );
    const gate = random.normal(N * D);
    note(
      'swiglu',
      await compare(
        (p, q) => swiglu(p!, q!),
        [tensor(gate, N, D), tensor(x, N, D)],
        toD,
        swigluReference(gate, x, toD),
      ),
    );
    note(
      'embedding',
      await compare(
        (p) => embedding(p!, ids(targets)),
        [tensor(w, V, D)],
        toD,
        embeddingReference(w, targets, toD, [V, D]),
      ),
    );
  }
  for (const [seed, batch, length, keyValueHeads, group, headDim, window] of few
    ? attentions.slice(1, 2)
    : attentions) {
    const random = createRandom(seed);
    const heads = keyValueHeads * group;
    const [N, D, E] = [batch * length, heads * headDim, keyValueHeads * headDim];
    const [q, k, v, dy] = [random.normal(N * D), random.normal(N * E), random.normal(N * E), random.normal(N * D)];
    const angles = random.normal((length * headDim) / 2, 3);
    const [cos, sin] = [Math.cos, Math.sin].map((f) => tensor(angles.map(f), length, headDim / 2)) as [Tensor, Tensor];
    const shape = { batch, length, heads, keyValueHeads, headDim, window };
    note(
      'rotaryAttention',
      await compare(
        (query, key, value) => rotaryAttention({ query: query!, key: key!, value: value!, cos, sin }, shape),
        [tensor(q, N, D), tensor(k, N, E), tensor(v, N, E)],
        dy,
        attentionReference(q, k, v, angles, dy, shape),
      ),
    );
    tf.dispose([cos, sin]);
  }
  note('adamwUpdate', await checkAdamw());
  return worst;
}

/** A frozen matrix: its rows, its product, the head's log-probs and all gradients, against float64 of the numbers that it stands for. */
async function checkPacked(
  dtype: PackedDtype,
  [N, D, V]: readonly [number, number, number],
  given: Readonly<Record<'x' | 'w' | 'targets' | 'toV' | 'toN', readonly number[]>>,
): Promise<number> {
  const { x, w, targets, toV, toN } = given;
  const matrix = packed(Float32Array.from(w), [V, D], dtype);
  const values = [...storedNumbers(matrix)];
  const due = linearReference(x, values, zeros(V), toV, [N, D, V]);
  const logps = targetLogpsReference(due.value, targets, toN, [N, V]);
  const [dx] = linearReference(x, values, zeros(V), logps.gradients[0]!, [N, D, V]).gradients as [number[]];
  const rows = tf.tidy(() => embedding(matrix, ids(targets)));
  const looked = targets.flatMap((id) => values.slice(id * D, (id + 1) * D));
  const gaps = [
    distance(await rows.data(), looked),
    await compare((p) => linear(p!, matrix), [tensor(x, N, D)], toV, { ...due, gradients: [due.gradients[0]!] }),
    await compare((p) => linearTokenLogps(p!, matrix, ids(targets)), [tensor(x, N, D)], toN, {
      value: logps.value,
      gradients: [dx],
    }),
  ];
  rows.dispose();
  return Math.max(...gaps);
}

/** Three updates of 100 parameters against torch's arithmetic in float64, read after each. */
async function checkAdamw(): Promise<number> {
  const random = createRandom(8);
  const [param, n] = [random.normal(100), 100];
  const state = { param: tensor(param, n), first: tf.zeros([n]), second: tf.zeros([n]) };
  const [p, m, v] = [[...param], zeros(n), zeros(n)];
  let worst = 0;
  for (let step = 1; step <= 3; step++) {
    const g = random.normal(n);
    const gradient = tensor(g, n);
    adamwUpdate(
      { ...state, gradient },
      { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, step },
    );
    gradient.dispose();
    for (let i = 0; i < n; i++) {
      m[i] = 0.9 * m[i]! + 0.1 * g[i]!;
      v[i] = 0.999 * v[i]! + 0.001 * g[i]! ** 2;
      const deviation = Math.sqrt(v[i]! / (1 - 0.999 ** step)) + 1e-8;
      p[i] = p[i]! * (1 - 0.001) - ((0.01 / (1 - 0.9 ** step)) * m[i]!) / deviation;
    }
    worst = Math.max(worst, distance(await state.param.data(), p));
  }
  tf.dispose(state);
  return worst;
}
