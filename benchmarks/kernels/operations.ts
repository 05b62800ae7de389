/**
 * Each operation alone on the wasm kernels: time, GFLOP/s, GB/s, and the share of what the machine can do, forward and
 * backward, at the sizes of the decoders (a), (b) and (c); matrix products also against OpenBLAS.
 *
 * node --conditions=@svo/source benchmarks/kernels/operations.ts [threads]
 */
import { availableParallelism, loadavg } from 'node:os';
import {
  adamwUpdate,
  embedding,
  installKernels,
  linear,
  measureLimits,
  rmsNorm,
  rotaryAttention,
  swiglu,
  targetLogps,
} from '@svo/kernels';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { machine, writeResults } from '../results.ts';

interface Case {
  readonly name: string;
  /** Floating-point operations that the result needs, masked blocks not counted. */
  readonly flops: number;
  /** Bytes that have to be read and written at least once. */
  readonly bytes: number;
  run(): unknown;
}

interface Row {
  readonly operation: string;
  readonly engine: string;
  readonly milliseconds: { readonly median: number; readonly best: number; readonly high: number };
  readonly gflops: number;
  readonly gigabytes: number;
  /** Time the limit allows ÷ time taken, at the best run. */
  readonly shareOfLimit: number;
}

const models = {
  a: { width: 64, heads: 4, length: 64, batch: 16, vocabulary: 64 },
  b: { width: 256, heads: 4, length: 128, batch: 16, vocabulary: 512 },
  c: { width: 512, heads: 8, length: 256, batch: 8, vocabulary: 4096 },
};

const float = 4;
const random = (...shape: number[]): Tensor => tf.randomNormal(shape, 0, 1, 'float32', 1);
const ids = (count: number, limit: number): Tensor => tf.randomUniformInt([count], 0, limit, 2);

/** The product of a weight, its gradient for the input and for the weight. */
function products(label: string, N: number, K: number, M: number): Case[] {
  const [x, w, dy] = [random(N, K), random(M, K), random(N, M)];
  const flops = 2 * N * K * M;
  const bytes = float * (N * K + M * K + N * M);
  const product = (a: Tensor, b: Tensor, ta: boolean, tb: boolean) => () => tf.dispose(tf.matMul(a, b, ta, tb));
  return [
    { name: `${label} linear ${N}×${K}→${M}`, flops, bytes, run: () => tf.dispose(linear(x, w)) },
    { name: `${label} linear, input's gradient`, flops, bytes, run: product(dy, w, false, false) },
    { name: `${label} linear, weight's gradient`, flops, bytes, run: product(dy, x, true, false) },
  ];
}

function attention(label: string, { width, heads, length, batch }: (typeof models)['a']): Case[] {
  const headDim = width / heads;
  const shape = { batch, length, heads, keyValueHeads: heads, headDim };
  const [q, k, v] = [1, 2, 3].map(() => random(batch * length, width)) as [Tensor, Tensor, Tensor];
  const tables = { cos: random(length, headDim / 2), sin: random(length, headDim / 2) };
  const run = (query: Tensor, key: Tensor, value: Tensor): Tensor =>
    rotaryAttention({ query, key, value, ...tables }, shape);
  // Pairs on or below the diagonal; two products forward, five more backward.
  const pairs = (batch * heads * length * (length + 1)) / 2;
  const bytes = float * batch * length * width;
  return [
    { name: `${label} attention`, flops: 4 * pairs * headDim, bytes: 4 * bytes, run: () => tf.dispose(run(q, k, v)) },
    {
      name: `${label} attention, forward and backward`,
      flops: 14 * pairs * headDim,
      bytes: 12 * bytes,
      run: () => tf.dispose(tf.grads(run)([q, k, v])),
    },
  ];
}

function rows(label: string, { width, length, batch, vocabulary }: (typeof models)['a']): Case[] {
  const [N, F] = [batch * length, 3 * width];
  const [x, w] = [random(N, width), random(width)];
  const [gate, up] = [random(N, F), random(N, F)];
  const [logits, targets] = [random(N, vocabulary), ids(N, vocabulary)];
  const table = random(vocabulary, width);
  const state = {
    param: random(F, width),
    gradient: random(F, width),
    first: tf.zeros([F, width]),
    second: tf.zeros([F, width]),
  };
  const settings = { learningRate: 1e-4, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01, step: 5 };
  const both =
    (f: (...t: Tensor[]) => Tensor, ...inputs: Tensor[]) =>
    () =>
      tf.dispose(tf.grads((...t: Tensor[]) => f(...t))(inputs));
  return [
    {
      name: `${label} rmsNorm`,
      flops: 4 * N * width,
      bytes: float * 2 * N * width,
      run: () => tf.dispose(rmsNorm(x, w)),
    },
    {
      name: `${label} rmsNorm, both`,
      flops: 14 * N * width,
      bytes: float * 5 * N * width,
      run: both((a, b) => rmsNorm(a!, b!), x, w),
    },
    { name: `${label} swiglu`, flops: 20 * N * F, bytes: float * 3 * N * F, run: () => tf.dispose(swiglu(gate, up)) },
    {
      name: `${label} swiglu, both`,
      flops: 46 * N * F,
      bytes: float * 8 * N * F,
      run: both((a, b) => swiglu(a!, b!), gate, up),
    },
    {
      name: `${label} tokenLogps`,
      flops: 18 * N * vocabulary,
      bytes: float * N * vocabulary,
      run: () => tf.dispose(targetLogps(logits, targets)),
    },
    {
      name: `${label} tokenLogps, both`,
      flops: 36 * N * vocabulary,
      bytes: float * 3 * N * vocabulary,
      run: both((l) => targetLogps(l!, targets), logits),
    },
    {
      name: `${label} embedding, both`,
      flops: N * width,
      bytes: float * (4 * N + vocabulary) * width,
      run: both((t) => embedding(t!, targets), table),
    },
    {
      name: `${label} adamwUpdate ${F}×${width}`,
      flops: 14 * F * width,
      bytes: float * 7 * F * width,
      run: () => adamwUpdate(state, settings),
    },
  ];
}

function measure({ name, flops, bytes, run }: Case, engine: string, limits: ReturnType<typeof measureLimits>): Row {
  const times: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < 3; i++) run();
  while (times.length < 7 || (performance.now() - begin < 400 && times.length < 400)) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  times.sort((p, q) => p - q);
  const [best, median, high] = [0, 0.5, 0.9].map((share) => times[Math.floor(share * times.length)]!) as [
    number,
    number,
    number,
  ];
  const due = Math.max(flops / limits.flops, bytes / limits.bytes) * 1000;
  return {
    operation: name,
    engine,
    milliseconds: { median, best, high },
    gflops: flops / best / 1e6,
    gigabytes: bytes / best / 1e6,
    shareOfLimit: due / best,
  };
}

const threads = Number(process.argv[2] ?? availableParallelism());
await useBackend('wasm', { threads });
const results: Row[] = [];
let limits = { flops: 0, bytes: 0 };
for (const engine of ['wasm', 'onnxruntime', 'openblas'] as const) {
  try {
    await installKernels({ threads, engine });
  } catch (error) {
    console.log(`${engine}: ${error instanceof Error ? error.message : error}`);
    continue;
  }
  if (engine === 'wasm') limits = measureLimits();
  for (const [label, model] of Object.entries(models)) {
    const N = model.batch * model.length;
    const cases = [
      ...products(label, N, model.width, model.width),
      ...products(label, N, model.width, 3 * model.width),
      ...products(label, N, model.width, model.vocabulary),
      ...(engine === 'wasm' ? [...attention(label, model), ...rows(label, model)] : []),
    ];
    for (const one of cases) {
      const row = measure(one, engine, limits);
      results.push(row);
      const { operation, milliseconds, gflops, gigabytes, shareOfLimit } = row;
      const columns = [
        operation.padEnd(44),
        engine.padEnd(9),
        `${milliseconds.best.toFixed(3)} ms`.padStart(12),
        `${gflops.toFixed(1)} GFLOP/s`.padStart(15),
      ];
      console.log(
        ...columns,
        `${gigabytes.toFixed(1)} GB/s`.padStart(11),
        `${(100 * shareOfLimit).toFixed(0)} %`.padStart(6),
      );
    }
    tf.disposeVariables();
  }
}
const load = loadavg()[0]!;
writeResults('kernels', { date: new Date().toISOString(), machine: { ...machine, threads, load }, limits, results });
console.log(
  `limits: ${(limits.flops / 1e9).toFixed(0)} GFLOP/s, ${(limits.bytes / 1e9).toFixed(1)} GB/s; load ${load.toFixed(1)}`,
);
