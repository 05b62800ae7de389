/** What a run will take, before it is begun: bytes by place, and whether they are there. */
import { storedRowBytes } from '@svo/files';
import { interleavedBytes, workingSizes } from '@svo/kernels';
import { assertOptions } from '@svo/mdp';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Checkpoint } from '../decoder/decoder-record.ts';
import { type LoraSettings, projectionRanks } from '../decoder/lora.ts';
import { layerProjections, parameterShapes } from '../decoder/parameters.ts';
import { checkWidth, heldDtype, type WeightWidth } from '../folders/frozen-weights.ts';
import { headBytes, panelBytes } from './head-bytes.ts';
import { keptInLayer } from './kept-numbers.ts';

/** What is to be run. */
export interface MemoryPlanOptions {
  /** Rows of a step, or of generation. */
  readonly batch: number;
  /** Tokens a row; prompt and answer together where tokens are generated. */
  readonly length: number;
  /** Training steps, or generation without gradients. `'train'` by default. */
  readonly run?: 'train' | 'generate';
  /** Adapters that are trained; without them every weight is, and none may be frozen. */
  readonly lora?: LoraSettings;
  /** The model's own by default. */
  readonly checkpoint?: Checkpoint;
  /** How `loadPretrained` will hold the matrices; as `lm` holds them, by default. */
  readonly weights?: WeightWidth;
  /** What the file has them in. BF16 by default. */
  readonly storedDtype?: string;
  /** Who multiplies (see `installKernels`). `'onnxruntime'` by default; ours packs matrices in the heap. */
  readonly engine?: 'onnxruntime' | 'openblas' | 'wasm';
  /** Numbers the optimizer keeps for each trained weight: 2 by default, as AdamW does. */
  readonly moments?: number;
  /** Bytes the process may take; by default what Node says is free, and what it has already. */
  readonly machineBytes?: number;
}

/** Bytes by place, and whether they fit. */
export interface MemoryPlan {
  /** Frozen matrices, in ordinary memory. */
  readonly outside: number;
  /** In tfjs's wasm heap. */
  readonly heap: {
    /** Weights that are tensors; where tokens are generated also stored ones, a second time (`interleavedBytes` of `@svo/kernels`). */
    readonly weights: number;
    /** Gradients of what is trained, and the optimizer's moments. */
    readonly gradients: number;
    readonly moments: number;
    /** What all layers keep between the passes, or keys and values of what was read. */
    readonly activations: number;
    /** One layer at work, with the matrix it reads as float32. */
    readonly working: number;
    /** Logits of a block, and what goes with them. */
    readonly head: number;
    /** At its largest: not all of the others exist at once. */
    readonly peak: number;
  };
  /** The process's resident set at its largest. */
  readonly process: number;
  readonly limits: { readonly heap: number; readonly machine: number };
  readonly fits: boolean;
  /** What does not fit, and what may help; empty where all does. */
  readonly reasons: readonly string[];
}

/** Where the wasm heap ends (see `OutOfMemoryError`). */
const heapLimit = 2 ** 32 - 2 ** 27;
/** Node, tfjs, our code and the engine, before a model is loaded. */
const runtime = 265e6;
/** Of the heap: tfjs's own code and stacks, and what lies between blocks. */
const heapRuntime = 40e6;
const scattered = 1.08;

const product = (shape: readonly number[]): number => shape.reduce((all, extent) => all * extent, 1);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

const machineMemory = (): number => {
  const now = typeof process === 'undefined' ? undefined : process;
  const free = now?.availableMemory?.();
  return free === undefined ? Number.POSITIVE_INFINITY : free + now!.memoryUsage.rss();
};

/** Numbers of the parameters that are tensors, and bytes of the matrices that are none. */
const held = (
  { architecture, decoder }: CausalLm,
  weights: WeightWidth | undefined,
  storedDtype: string,
): { readonly numbers: number; readonly outside: number; readonly interleaved: number; readonly frozen: boolean } => {
  let [numbers, outside, interleaved] = [0, 0, 0];
  for (const [name, shape] of Object.entries(parameterShapes(architecture))) {
    const own = weights === undefined ? decoder.frozen[name] : undefined;
    const dtype = own?.dtype ?? (weights && weights !== 'float32' ? heldDtype(name, storedDtype, weights) : undefined);
    if (dtype !== undefined && shape.length === 2) {
      outside += shape[0]! * storedRowBytes(dtype, shape[1]!);
      const again = interleavedBytes(dtype, shape as [number, number]);
      if (interleaved + again <= workingSizes.interleaved) interleaved += again;
    } else numbers += product(shape);
  }
  return { numbers, outside, interleaved, frozen: outside > 0 };
};

const known = 'batch length run lora checkpoint weights storedDtype engine moments machineBytes'.split(' ');

const check = (options: MemoryPlanOptions): void => {
  assertOptions('memoryPlan', options, known);
  for (const [name, value] of Object.entries({ batch: options.batch, length: options.length }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`memoryPlan: ${name} must be an integer ≥ 1, got ${value}`);
  if (options.weights !== undefined) checkWidth('memoryPlan', options.weights);
};

/**
 * What a training step or generation will take on the wasm backend with its kernels, and whether it fits: the heap ends at 4.16 GB whatever the
 * machine has; frozen matrices lie outside it. Counted from the architecture, nothing is allocated. Within 15 % of the resident set measured on the
 * models of benchmarks/real-models.
 *
 * @param lm a model, loaded or not: `causalLm(config)` is enough, with `weights` to say how it will be loaded
 * @throws RangeError for sizes that are none, unknown options, or frozen weights without adapters in a training run
 * @example
 * ```ts
 * import { causalLm, memoryPlan } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 49152, hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30, num_attention_heads: 9,
 *   num_key_value_heads: 3, tie_word_embeddings: true,
 * });
 * const plan = memoryPlan(lm, { batch: 4, length: 256, lora: { rank: 16, alpha: 32 }, weights: 'int8', checkpoint: 'layer' });
 * [plan.outside < 150e6, plan.process < 1e9, plan.heap.peak < plan.limits.heap]; // => [true, true, true]
 * ```
 */
export const memoryPlan = (lm: CausalLm, options: MemoryPlanOptions): MemoryPlan => {
  check(options);
  const { batch, length, run = 'train', lora, weights, storedDtype = 'BF16', engine = 'onnxruntime' } = options;
  const { checkpoint = lm.decoder.checkpoint, moments: perWeight = 2, machineBytes = machineMemory() } = options;
  const { architecture } = lm;
  const { layers, hiddenSize: D, intermediateSize: I } = architecture;
  const { numbers, outside, interleaved, frozen } = held(lm, weights, storedDtype);
  const train = run === 'train';
  if (train && frozen && !lora)
    throw new RangeError("memoryPlan: weights that are frozen are not trained: give lora, or weights: 'float32'");
  const ranks = projectionRanks(lm, lora);
  const tokens = batch * length;
  const kept = Array.from({ length: layers }, (_, layer) => 4 * tokens * keptInLayer(architecture, layer, ranks));
  const adapterNumbers = sum(
    Array.from({ length: layers }, (_, layer) =>
      sum(
        layerProjections(architecture, layer).map(
          ({ projection, shape: [out, into] }) => ranks(projection) * (out + into),
        ),
      ),
    ),
  );
  const trained = train ? (lora ? adapterNumbers : numbers) : 0;
  const scratch = panelBytes(architecture, frozen, engine);
  const most = Math.max(...kept);
  const cached = 4 * tokens * layers * 2 * architecture.keyValueHeads * architecture.headDim;
  const activations = !train ? cached : checkpoint === 'layer' ? layers * 4 * tokens * D : sum(kept);
  const slopes = 4 * tokens * (D + I) + scratch;
  const working = !train ? most / 2 + scratch : (checkpoint === 'layer' ? most : 0) + slopes;
  const head = headBytes(architecture, {
    rows: train ? batch * (length - 1) : batch,
    frozen,
    engine,
    train,
    trained: train && !lora,
  });
  const gradients = 4 * trained;
  const moments = 4 * trained * perWeight;
  const resting = 4 * (numbers + (lora ? adapterNumbers : 0)) + moments;
  // The backward pass begins with all activations and ends with all gradients.
  const again = train ? 0 : interleaved;
  const passes = Math.max(activations + Math.max(working, head), gradients + working);
  const peak = heapRuntime + resting + again + scattered * passes;
  const quantising = outside > 0 && (weights === 'int8' || weights === 'int4') ? 40e6 : 0;
  const total = runtime + outside + peak + quantising;
  const reasons = [
    ...(peak > heapLimit
      ? [`the heap needs ${gb(peak)} of ${gb(heapLimit)} GB (${help(train, frozen, checkpoint)})`]
      : []),
    ...(total > machineBytes ? [`the process needs ${gb(total)} GB, the machine has ${gb(machineBytes)}`] : []),
  ];
  return {
    outside,
    heap: { weights: resting - moments + again, gradients, moments, activations, working, head, peak },
    process: total,
    limits: { heap: heapLimit, machine: machineBytes },
    fits: reasons.length === 0,
    reasons,
  };
};

const gb = (bytes: number): string => (bytes / 1e9).toFixed(2);

const help = (train: boolean, frozen: boolean, checkpoint: Checkpoint): string =>
  [
    ...(frozen ? [] : ["weights: 'stored', 'int8' or 'int4'"]),
    ...(train && checkpoint === 'none' ? ["checkpoint: 'layer'"] : []),
    'a smaller batch or shorter rows',
  ].join(', ');
