/** PEFT's adapter folders in and out: adapter_config.json and adapter_model.safetensors. */
import { safetensorsChunks, type Tensor, type TensorData } from '@svo/tensor';
import { z } from 'zod';
import type { CausalLm } from './causal-lm.ts';
import { inFolder, jsonFile, readJsonFile, replaceFolder } from './files.ts';
import type { LoraSettings } from './lora.ts';
import { type Params, type Projection, projectionName, projectionShape, projections } from './parameters.ts';
import { checkWeights, locateWeights, readWeights } from './stored-weights.ts';

const prefix = 'base_model.model.';
const empty = z.strictObject({}, { error: 'per-layer values are not supported' }).nullish();

const schema = z.looseObject({
  peft_type: z.literal('LORA', { error: 'only LORA adapters are read' }),
  r: z.int().min(1).max(65_536),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.literal(false, { error: 'DoRA adapters are not supported' }).nullish(),
  bias: z.literal('none', { error: 'adapters that train biases are not supported' }).nullish(),
  fan_in_fan_out: z.literal(false, { error: 'transposed weights are not supported' }).nullish(),
  modules_to_save: z.array(z.string()).max(0, { error: 'saved modules are not supported' }).nullish(),
  rank_pattern: empty,
  alpha_pattern: empty,
});

/** Adapters and what {@link applyLora} needs to use them. */
export interface LoadedAdapters {
  readonly settings: LoraSettings;
  /** To be spread into the base's parameters. The caller disposes them. */
  readonly params: Record<string, Tensor>;
}

/** Which adapters a file holds, as expected names and shapes; a name that belongs to no projection of the model is an error. */
const expectedShapes = (
  source: string,
  lm: CausalLm,
  rank: number,
  names: Iterable<string>,
): { shapes: Record<string, number[]>; targets: Projection[] } => {
  const stems = new Map<string, Projection>();
  for (let layer = 0; layer < lm.architecture.layers; layer++)
    for (const projection of projections) stems.set(prefix + projectionName(layer, projection), projection);
  const shapes: Record<string, number[]> = {};
  const targets = new Set<Projection>();
  for (const name of names) {
    const stem = name.replace(/\.lora_[AB]\.weight$/, '');
    const projection = stem === name ? undefined : stems.get(stem);
    if (!projection) throw new RangeError(`${source}: ${name} is no adapter of this model's projections`);
    const [out, into] = projectionShape(lm.architecture, projection).shape;
    shapes[`${stem}.lora_A.weight`] = [rank, into];
    shapes[`${stem}.lora_B.weight`] = [out, rank];
    targets.add(projection);
  }
  return { shapes, targets: projections.filter((projection) => targets.has(projection)) };
};

/**
 * Reads a PEFT LoRA folder for a model. Names and shapes are checked before any weight is read.
 *
 * @throws RangeError naming what the folder has that is not understood: another method, DoRA, trained biases, ranks by layer
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { causalLm, initLora, loadAdapters, saveAdapters } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const settings = { rank: 2, alpha: 4 };
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await saveAdapters(folder, { settings, params: initLora(lm, settings, 1) });
 * (await loadAdapters(folder, lm)).settings.alpha; // => 4
 * ```
 */
export const loadAdapters = async (folder: string, lm: CausalLm): Promise<LoadedAdapters> => {
  const source = `loadAdapters: ${folder}`;
  const result = schema.safeParse(await readJsonFile(inFolder(folder, 'adapter_config.json'), 1_000_000));
  if (!result.success)
    throw new RangeError(
      `${source}: adapter_config.json: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const { r: rank, lora_alpha: alpha, use_rslora: rankStabilized } = result.data;
  const stored = await locateWeights(folder, 'adapter_model');
  const { shapes, targets } = expectedShapes(source, lm, rank, stored.keys());
  checkWeights(source, stored, shapes);
  const read = await readWeights(stored, Object.keys(shapes));
  const params = Object.fromEntries(Object.entries(read).map(([name, value]) => [name.slice(prefix.length), value]));
  return { settings: { rank, alpha, targets, ...(rankStabilized && { rankStabilized }) }, params };
};

/** What to save. */
export interface SaveAdaptersOptions {
  readonly settings: LoraSettings;
  /** Adapters, alone or among other parameters, which are left out. */
  readonly params: Params;
  /** Path or Hub name of the base model, so that PEFT finds it. */
  readonly baseModel?: string;
}

/**
 * Saves adapters as a folder that PEFT's `PeftModel.from_pretrained` reads; written and moved into place as a whole.
 * @throws RangeError when `params` holds no adapters
 * @example
 * ```ts
 * import { mkdtemp, readdir } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { causalLm, initLora, saveAdapters } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const settings = { rank: 2, alpha: 4 };
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await saveAdapters(folder, { settings, params: { ...lm.init(1), ...initLora(lm, settings, 1) } });
 * (await readdir(folder)).sort(); // => ['adapter_config.json', 'adapter_model.safetensors']
 * ```
 */
export const saveAdapters = async (
  folder: string,
  { settings, params, baseModel }: SaveAdaptersOptions,
): Promise<void> => {
  const names = Object.keys(params).filter((name) => /\.lora_[AB]\.weight$/.test(name));
  if (names.length === 0)
    throw new RangeError('saveAdapters: params must hold lora_A and lora_B weights, got none (see initLora)');
  const tensors: Record<string, TensorData> = {};
  for (const name of names)
    tensors[prefix + name] = { data: (await params[name].data()) as Float32Array, shape: params[name].shape };
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel ?? null,
    inference_mode: true,
    r: settings.rank,
    lora_alpha: settings.alpha,
    lora_dropout: 0,
    use_rslora: settings.rankStabilized ?? false,
    bias: 'none',
    fan_in_fan_out: false,
    target_modules: [...(settings.targets ?? projections)],
    modules_to_save: null,
  };
  await replaceFolder(folder, [
    jsonFile('adapter_config.json', config),
    { name: 'adapter_model.safetensors', chunks: safetensorsChunks(tensors, { metadata: { format: 'pt' } }) },
  ]);
};
