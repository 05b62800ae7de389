/** The fused kernels of the WebGPU backend. */
import { type TensorHandle, tf, type WebgpuDevice } from '@svo/tensor';
import type { KernelName } from '../kernel-calls.ts';
import { type Attributes, type Handles, type KernelFunction, originalKernel, size } from '../registry.ts';
import { attentionShader, innerShader, keyGradientShader, queryGradientShader, rotateShader } from './attention.ts';
import { cacheShader, decodeShader } from './decode.ts';
import { headKernels } from './head.ts';
import { matmul } from './matmul.ts';
import * as rows from './rows.ts';
import { grid, runShader, type Shader } from './shader.ts';

type Named<Names extends string, Value> = Record<Names, Value>;
type AttentionSizes = Named<'batch' | 'length' | 'heads' | 'keyValueHeads' | 'headDim' | 'window', number>;

/** Every fused kernel of this backend, by name. */
export function webgpuKernels(device: WebgpuDevice): Record<KernelName, KernelFunction> {
  return { ...rowKernels(device), ...headKernels(device), ...attentionKernels(device) };
}

/** Replacements for tfjs's own kernels. */
export function webgpuStandardKernels(device: WebgpuDevice): Record<string, KernelFunction> {
  const tfjs = originalKernel('BatchMatMul', 'webgpu');
  return {
    BatchMatMul({ a, b }, { transposeA, transposeB }) {
      const [ta, tb] = [transposeA as boolean, transposeB as boolean];
      const [M, K] = ta ? [a!.shape.at(-1)!, a!.shape.at(-2)!] : [a!.shape.at(-2)!, a!.shape.at(-1)!];
      const N = b!.shape.at(tb ? -2 : -1)!;
      const [batchA, batchB] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)];
      const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
      const [countA, countB, count] = [size(batchA), size(batchB), size(batch)];
      const crosswise = ![1, count].includes(countA) || ![1, count].includes(countB);
      if (crosswise || K === 0) return tfjs({ a: a!, b: b! }, { transposeA: ta, transposeB: tb });
      const c = device.output([...batch, M, N]);
      if (M * N * count === 0) return c;
      const steps = { stepA: countA === 1 ? 0 : M * K, stepB: countB === 1 ? 0 : K * N };
      matmul(device, a!, b!, c, { batch: count, M, N, K, ...steps, transposeA: ta, transposeB: tb });
      return c;
    },
  };
}

function rowKernels(device: WebgpuDevice) {
  const run = (shader: Shader, tensors: TensorHandle[], numbers: number[], groups: number): void =>
    runShader(device, shader, tensors, numbers, grid(groups));
  const elements = (shape: readonly number[]): number => Math.ceil(size(shape) / 64);
  return {
    SvoEmbedding({ weight, ids }: Handles) {
      const [count, D] = [ids!.shape[0]!, weight!.shape[1]!];
      const y = device.output([count, D]);
      run(rows.gather, [ids!, weight!, y], [count * D, D], elements([count, D]));
      return y;
    },
    SvoEmbeddingGradient({ dy, ids }: Handles, { vocabulary }: Attributes) {
      const [count, D] = dy!.shape as [number, number];
      const table = device.output([vocabulary as number, D]);
      run(rows.clear, [table], [size(table.shape)], elements(table.shape));
      run(rows.scatter, [ids!, dy!, table], [count, D], count);
      return table;
    },
    SvoRmsNorm({ x, weight }: Handles, { epsilon }: Attributes) {
      const [n, D] = x!.shape as [number, number];
      const [y, inverse] = [device.output([n, D]), device.output([n])];
      run(rows.norm, [x!, weight!, y, inverse], [n, D, epsilon as number], n);
      return [y, inverse];
    },
    SvoRmsNormGradient({ dy, x, weight, inverse }: Handles) {
      const [n, D] = x!.shape as [number, number];
      const [dx, dWeight] = [device.output([n, D]), device.output([D])];
      run(rows.normGradient, [x!, weight!, inverse!, dy!, dx], [n, D], n);
      run(rows.normWeightGradient, [x!, inverse!, dy!, dWeight], [n, D], D);
      return [dx, dWeight];
    },
    SvoSwiglu({ gate, up }: Handles) {
      const y = device.output(gate!.shape);
      run(rows.swiglu, [gate!, up!, y], [size(gate!.shape)], elements(gate!.shape));
      return y;
    },
    SvoSwigluGradient({ dy, gate, up }: Handles) {
      const [dGate, dUp] = [device.output(gate!.shape), device.output(gate!.shape)];
      run(rows.swigluGradient, [gate!, up!, dy!, dGate, dUp], [size(gate!.shape)], elements(gate!.shape));
      return [dGate, dUp];
    },
    SvoTokenLogps({ logits, targets }: Handles) {
      const [n, V] = logits!.shape as [number, number];
      const [logps, logSums] = [device.output([n]), device.output([n])];
      run(rows.logps, [logits!, targets!, logps, logSums], [n, V], n);
      return [logps, logSums];
    },
    SvoTokenLogpsGradient({ dy, logits, targets, logSums }: Handles) {
      const [n, V] = logits!.shape as [number, number];
      const dLogits = device.output([n, V]);
      run(rows.logpsGradient, [logits!, targets!, logSums!, dy!, dLogits], [n, V], n);
      return dLogits;
    },
    SvoAdamwUpdate({ param, gradient, first, second }: Handles, settings: Attributes) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = settings as Record<
        string,
        number
      >;
      const [share1, share2] = [(1 - beta1!) * gradientScale!, (1 - beta2!) * gradientScale! ** 2];
      run(
        rows.adamw,
        [param!, first!, second!, gradient!],
        [
          ...[size(param!.shape), beta1!, beta2!, share1, share2, 1 - learningRate! * weightDecay!],
          ...[learningRate! / (1 - beta1! ** step!), 1 / Math.sqrt(1 - beta2! ** step!), epsilon!],
        ],
        elements(param!.shape),
      );
      return [];
    },
  };
}

function attentionKernels(device: WebgpuDevice) {
  const rotated = (
    x: TensorHandle,
    heads: number,
    attributes: AttentionSizes,
    tables: Named<'cos' | 'sin', TensorHandle>,
    direction: number,
    scale: number,
  ): TensorHandle => {
    const half = attributes.headDim / 2;
    const pairs = size(x.shape) / 2;
    const to = device.output(x.shape);
    const numbers = [pairs, attributes.length, heads, half, direction, scale];
    runShader(device, rotateShader, [x, tables.cos, tables.sin, to], numbers, grid(Math.ceil(pairs / 64)));
    return to;
  };
  return {
    SvoRotaryAttention({ query, key, value, cos, sin }: Handles, attrs: Attributes) {
      const attributes = attrs as AttentionSizes;
      const { batch, length: T, heads, keyValueHeads, headDim, window } = attributes;
      const q = rotated(query!, heads, attributes, { cos: cos!, sin: sin! }, 1, 1 / Math.sqrt(headDim));
      const k = rotated(key!, keyValueHeads, attributes, { cos: cos!, sin: sin! }, 1, 1);
      const [y, logSums] = [device.output(query!.shape), device.output([batch * heads, T])];
      const groups = [Math.ceil(T / 64), batch * heads, 1] as const;
      runShader(
        device,
        attentionShader(headDim),
        [q, k, value!, y, logSums],
        [T, heads, keyValueHeads, window],
        groups,
      );
      device.release(q);
      device.release(k);
      return [y, logSums];
    },
    SvoRotaryAttentionGradient(inputs: Handles, attrs: Attributes) {
      const { dy, query, key, value, cos, sin, output, logSums } = inputs as Named<
        'dy' | 'query' | 'key' | 'value' | 'cos' | 'sin' | 'output' | 'logSums',
        TensorHandle
      >;
      const attributes = attrs as AttentionSizes;
      const { batch, length: T, heads, keyValueHeads, headDim, window } = attributes;
      const tables = { cos, sin };
      const scale = 1 / Math.sqrt(headDim);
      const q = rotated(query, heads, attributes, tables, 1, scale);
      const k = rotated(key, keyValueHeads, attributes, tables, 1, 1);
      const inner = device.output([batch * heads, T]);
      const count = batch * heads * T;
      runShader(device, innerShader, [output, dy, inner], [count, T, heads, headDim], grid(Math.ceil(count / 64)));
      const [dq, dk, dValue] = [device.output(query.shape), device.output(key.shape), device.output(value.shape)];
      const numbers = [T, heads, keyValueHeads, window];
      const blocks = Math.ceil(T / 64);
      runShader(device, queryGradientShader(headDim), [q, k, value, dy, logSums, inner, dq], numbers, [
        blocks,
        batch * heads,
        1,
      ]);
      runShader(device, keyGradientShader(headDim), [q, k, value, dy, logSums, inner, dk, dValue], numbers, [
        blocks,
        batch * keyValueHeads,
        1,
      ]);
      const dQuery = rotated(dq, heads, attributes, tables, -1, scale);
      const dKey = rotated(dk, keyValueHeads, attributes, tables, -1, 1);
      for (const tensor of [q, k, inner, dq, dk]) device.release(tensor);
      return [dQuery, dKey, dValue];
    },
    SvoCachedAttention(inputs: Handles, attrs: Attributes) {
      const { query, key, value, keyCache, valueCache, positions, cos, sin } = inputs as Named<
        'query' | 'key' | 'value' | 'keyCache' | 'valueCache' | 'positions' | 'cos' | 'sin',
        TensorHandle
      >;
      const { heads, keyValueHeads, headDim, window } = attrs as Named<
        'heads' | 'keyValueHeads' | 'headDim' | 'window',
        number
      >;
      const [n, room] = keyCache.shape as [number, number];
      const pairs = (n * keyValueHeads * headDim) / 2;
      const writes = [key, value, positions, cos, sin, keyCache, valueCache];
      runShader(device, cacheShader, writes, [pairs, room, keyValueHeads, headDim / 2], grid(Math.ceil(pairs / 64)));
      const y = device.output(query.shape);
      const reads = [query, keyCache, valueCache, positions, cos, sin, y];
      const numbers = [room, heads, keyValueHeads, window, 1 / Math.sqrt(headDim)];
      runShader(device, decodeShader(headDim), reads, numbers, grid(n * heads));
      return y;
    },
  };
}
