/**
 * The operations on WebGPU at decoder (c)'s sizes: milliseconds, GFLOP/s and GB/s, as JSON on standard output.
 * Called by gpu.sh, which puts torch on CUDA beside it. A run is many calls and one read-back, so that the queue stays full.
 *
 * node --conditions=@svo/source benchmarks/kernels/gpu.ts [calls] [small]
 */
import { installKernels, linear, rmsNorm, rotaryAttention, swiglu, tokenLogps } from '@svo/kernels';
import { type Tensor, tf, useBackend } from '@svo/tensor';

// `small` is for trying the script itself on a software GPU.
const small = process.argv[3] === 'small';
const { width, heads, length, batch, vocabulary } = small
  ? { width: 32, heads: 2, length: 16, batch: 2, vocabulary: 64 }
  : { width: 512, heads: 8, length: 256, batch: 8, vocabulary: 4096 };
const N = batch * length;
const headDim = width / heads;
const float = 4;
const calls = Number(process.argv[2] ?? 50);

const backend = await useBackend('webgpu');
const kernels = await installKernels();
const random = (...shape: number[]): Tensor => tf.randomNormal(shape, 0, 1, 'float32', 1);
const [x, w, head, norm] = [random(N, width), random(3 * width, width), random(vocabulary, width), random(width)];
const [gate, up, logits] = [random(N, 3 * width), random(N, 3 * width), random(N, vocabulary)];
const targets = tf.randomUniformInt([N], 0, vocabulary, 2);
const tables = { cos: random(length, headDim / 2), sin: random(length, headDim / 2) };
const shape = { batch, length, heads, keyValueHeads: heads, headDim };
const attention = (query: Tensor, key: Tensor, value: Tensor): Tensor =>
  rotaryAttention({ query, key, value, ...tables }, shape);
const pairs = (batch * heads * length * (length + 1)) / 2;

const cases: [string, number, number, () => Tensor | Tensor[]][] = [
  ['linear to 3 width', 2 * N * width * 3 * width, float * (N * width * 4 + 3 * width * width), () => linear(x, w)],
  [
    'linear to vocabulary',
    2 * N * width * vocabulary,
    float * (N * (width + vocabulary) + vocabulary * width),
    () => linear(x, head),
  ],
  ['attention', 4 * pairs * headDim, float * 4 * N * width, () => attention(x, x, x)],
  ['attention, both', 14 * pairs * headDim, float * 12 * N * width, () => tf.grads(attention)([x, x, x])],
  ['rmsNorm, both', 14 * N * width, float * 5 * N * width, () => tf.grads((a, b) => rmsNorm(a!, b!))([x, norm])],
  ['swiglu, both', 46 * N * 3 * width, float * 8 * N * 3 * width, () => tf.grads((a, b) => swiglu(a!, b!))([gate, up])],
  [
    'tokenLogps, both',
    36 * N * vocabulary,
    float * 3 * N * vocabulary,
    () => tf.grads((l) => tokenLogps(l!, targets))([logits]),
  ],
];

const results: object[] = [];
for (const [operation, flops, bytes, run] of cases) {
  const once = async (count: number): Promise<number> => {
    const start = performance.now();
    let last: Tensor | undefined;
    for (let i = 0; i < count; i++) {
      const made = [run()].flat();
      last?.dispose();
      last = made.pop();
      tf.dispose(made);
    }
    await tf.slice(tf.reshape(last!, [-1]), [0], [1]).data();
    last?.dispose();
    return (performance.now() - start) / count;
  };
  await once(2);
  const times: number[] = [];
  for (let i = 0; i < 5; i++) times.push(await once(calls));
  times.sort((a, b) => a - b);
  const [best, median] = [times[0]!, times[2]!];
  results.push({
    operation,
    milliseconds: { best, median },
    gflops: flops / best / 1e6,
    gigabytes: bytes / best / 1e6,
  });
}
console.log(JSON.stringify({ device: backend.device, kernels, calls, results }, null, 1));
process.exit(0);
