/** The fused kernels of the wasm backend. */
import type { KernelName } from '../kernel-calls.ts';
import { type Attributes, type Handles, type KernelFunction, size } from '../registry.ts';
import type { KernelEngine } from './engine.ts';
import type { MatrixEngine } from './gemm.ts';
import { headKernels } from './head-kernels.ts';
import { floatBits } from './jobs.ts';
import { checkIds, rowsPerTask } from './rows.ts';

/** Every fused kernel of this backend, by name. */
export function wasmKernels(engine: KernelEngine, matrices: MatrixEngine): Record<KernelName, KernelFunction> {
  return { ...rowKernels(engine), ...attentionKernels(engine), ...headKernels(engine, matrices) };
}

function rowKernels(engine: KernelEngine) {
  const { heap } = engine;
  const at = heap.pointer;
  return {
    SvoEmbedding({ weight, ids }: Handles) {
      const [V, D] = weight!.shape as [number, number];
      const count = ids!.shape[0]!;
      checkIds('embedding', 'ids', engine, at(ids!), count, V);
      const rows = heap.output([count, D]);
      const step = rowsPerTask(D);
      engine.run('gather', Math.ceil(count / step), [count, V, D, step, at(ids!), at(weight!), at(rows)]);
      return rows;
    },
    SvoEmbeddingGradient({ dy, ids }: Handles, { vocabulary }: Attributes) {
      const [count, D] = dy!.shape as [number, number];
      const table = heap.output([vocabulary as number, D]);
      const step = 32;
      engine.run('scatter', Math.ceil(D / step), [count, vocabulary as number, D, step, at(ids!), at(table), at(dy!)]);
      return table;
    },
    SvoRmsNorm({ x, weight }: Handles, { epsilon }: Attributes) {
      const [rows, D] = x!.shape as [number, number];
      const y = heap.output([rows, D]);
      const inverse = heap.output([rows]);
      const step = rowsPerTask(D);
      const values = [rows, D, step, floatBits(epsilon as number), at(x!), at(weight!), at(y), at(inverse)];
      engine.run('norm', Math.ceil(rows / step), values);
      return [y, inverse];
    },
    SvoRmsNormGradient({ dy, x, weight, inverse }: Handles) {
      const [rows, D] = x!.shape as [number, number];
      const dx = heap.output([rows, D]);
      const dWeight = heap.output([D]);
      const step = rowsPerTask(D);
      const rowTasks = Math.ceil(rows / step);
      const partial = engine.workspace('sums', rowTasks * D * 4);
      engine.run('normGradient', rowTasks + Math.ceil(D / 64), [
        ...[rows, D, step, 0, at(x!), at(weight!), 0, at(inverse!)],
        ...[at(dy!), at(dx), partial, at(dWeight), rowTasks],
      ]);
      return [dx, dWeight];
    },
    SvoSwiglu({ gate, up }: Handles) {
      const y = heap.output(gate!.shape);
      const count = size(gate!.shape);
      const step = 1 << 13;
      engine.run('swiglu', Math.ceil(count / step), [count, step, at(gate!), at(up!), at(y)]);
      return y;
    },
    SvoSwigluGradient({ dy, gate, up }: Handles) {
      const [dGate, dUp] = [heap.output(gate!.shape), heap.output(gate!.shape)];
      const count = size(gate!.shape);
      const step = 1 << 13;
      const values = [count, step, at(gate!), at(up!), at(dy!), at(dGate), at(dUp)];
      engine.run('swigluGradient', Math.ceil(count / step), values);
      return [dGate, dUp];
    },
    SvoTokenLogps({ logits, targets }: Handles) {
      const [rows, V] = logits!.shape as [number, number];
      checkIds('targetLogps', 'targets', engine, at(targets!), rows, V);
      const [logps, logSums] = [heap.output([rows]), heap.output([rows])];
      const step = rowsPerTask(V);
      engine.run('logps', Math.ceil(rows / step), [rows, V, step, at(logits!), at(targets!), at(logps), at(logSums)]);
      return [logps, logSums];
    },
    SvoTokenLogpsGradient({ dy, logits, targets, logSums }: Handles) {
      const [rows, V] = logits!.shape as [number, number];
      const dLogits = heap.output([rows, V]);
      const step = rowsPerTask(V);
      const values = [rows, V, step, at(logits!), at(targets!), 0, at(logSums!), at(dy!), at(dLogits)];
      engine.run('logpsGradient', Math.ceil(rows / step), values);
      return dLogits;
    },
    SvoAdamwUpdate({ param, gradient, first, second }: Handles, settings: Attributes) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = settings as Record<
        string,
        number
      >;
      // The gradient enters the moments as g and g² alone, so its scale goes into their factors.
      const [share1, share2] = [(1 - beta1!) * gradientScale!, (1 - beta2!) * gradientScale! ** 2];
      const count = size(param!.shape);
      const perTask = 1 << 14;
      const scalars = [
        ...[beta1!, beta2!, share1, share2, 1 - learningRate! * weightDecay!],
        ...[learningRate! / (1 - beta1! ** step!), 1 / Math.sqrt(1 - beta2! ** step!), epsilon!],
      ];
      const [p, m, v] = [at(param!), at(first!), at(second!)];
      engine.run('adamw', Math.ceil(count / perTask), [
        ...[count, perTask, p, at(gradient!), m, v, p, m, v],
        ...scalars.map(floatBits),
      ]);
      return [];
    },
  };
}

function attentionKernels(engine: KernelEngine) {
  const { heap, width } = engine;
  const at = heap.pointer;
  const block = 24;
  const packed = (depth: number, columns: number): number => Math.ceil(columns / width) * width * depth;
  const sizes = (attributes: Attributes): number[] => {
    const { batch, length, heads, keyValueHeads, headDim, window } = attributes as Record<string, number>;
    return [batch!, length!, heads!, keyValueHeads!, headDim!, window!, width, block];
  };
  return {
    SvoRotaryAttention({ query, key, value, cos, sin, starts }: Handles, attributes: Attributes) {
      const { batch, length: T, heads, headDim: d } = attributes as Record<string, number>;
      const y = heap.output(query!.shape);
      const logSums = heap.output([batch! * heads!, T!]);
      const floats = T! * d! + packed(d!, T!) + packed(T!, d!) + block * d! + block * (T! + 31);
      const tensors = [query, key, value, cos, sin].map((t) => at(t!));
      const values = [...sizes(attributes), ...tensors, starts ? at(starts) : 0, at(y), at(logSums)];
      engine.run('attention', batch! * heads!, values, floats * 4 + 2048);
      return [y, logSums];
    },
    SvoRotaryAttentionGradient(inputs: Handles, attributes: Attributes) {
      const { dy, query, key, value, cos, sin, starts, output, logSums } = inputs;
      const { batch, length: T, keyValueHeads, headDim: d } = attributes as Record<string, number>;
      const [dQuery, dKey, dValue] = [query, key, value].map((t) => heap.output(t!.shape));
      const floats =
        3 * T! * d! +
        2 * packed(d!, T!) +
        packed(T!, d!) +
        2 * block * d! +
        2 * packed(block, d!) +
        2 * block * (T! + 31);
      const values = [
        ...sizes(attributes),
        ...[query, key, value, cos, sin].map((t) => at(t!)),
        starts ? at(starts) : 0,
        ...[output, logSums, dy, dQuery, dKey, dValue].map((t) => at(t!)),
      ];
      engine.run('attentionGradient', batch! * keyValueHeads!, values, floats * 4 + 4096);
      return [dQuery!, dKey!, dValue!];
    },
    SvoCachedAttention(inputs: Handles, attributes: Attributes) {
      const { query, key, value, keyCache, valueCache, positions, cos, sin } = inputs;
      const { heads, keyValueHeads, headDim, window } = attributes as Record<string, number>;
      const [rows, room] = keyCache!.shape as [number, number];
      checkIds('cachedAttention', 'positions', engine, at(positions!), rows, Math.min(room, cos!.shape[0]!));
      const y = heap.output(query!.shape);
      const tensors = [query, key, value, keyCache, valueCache, positions, cos, sin, y].map((t) => at(t!));
      const values = [rows, room, heads!, keyValueHeads!, headDim!, window!, ...tensors, width, block];
      engine.run('decode', rows * keyValueHeads!, values, 1024 + (headDim! + room + 64) * 4);
      return y;
    },
  };
}
