/** PEFT's adapter folders in and out: adapter_config.json and adapter_model.safetensors. */

import { jsonFile, safetensorsChunks, type TensorData, wholeFolder, writeFolder } from '@svo/files';
import { assertOptions } from '@svo/mdp';
import type { Tensor } from '@svo/tensor';
import * as z from 'zod';
import { checkAdapterRank } from '../decoder/adapter-rank.ts';
import type { CausalLm } from '../decoder/causal-lm.ts';
import { savedEmbedding } from '../decoder/decoder.ts';
import type { LoraSettings } from '../decoder/lora.ts';
import {
  type LayerProjection,
  layerProjections,
  type Params,
  type Projection,
  parameterShapes,
  projections,
} from '../decoder/parameters.ts';
import { inFolder, readJsonFile } from './files.ts';
import { checkWeights, locateWeights, readWeights } from './stored-weights.ts';

const prefix = 'base_model.model.';

/** Absent, null, false or empty. */
const isOff = (value: unknown): boolean => !value || (typeof value === 'object' && Object.keys(value).length === 0);
const off = (what: string): z.ZodType => z.custom(isOff, { error: `${what} not supported` }).optional();

/** What PEFT's LoRA has besides, each of which would change the numbers: refused by name. */
const unsupported = {
  use_dora: off('DoRA adapters are'),
  use_qalora: off('QALoRA adapters are'),
  use_bdlora: off('BD-LoRA adapters are'),
  lora_bias: off('biases of adapters are'),
  fan_in_fan_out: off('transposed weights are'),
  rank_pattern: off('ranks by layer are'),
  alpha_pattern: off('alphas by layer are'),
  layer_replication: off('replicated layers are'),
  alora_invocation_tokens: off('activated adapters are'),
  trainable_token_indices: off('single trained tokens are'),
  target_parameters: off('adapters of bare parameters are'),
  velora_config: off('VeLoRA is'),
  monteclora_config: off('MonteCLoRA is'),
  arrow_config: off('Arrow routing is'),
  kasa_config: off('KaSA is'),
};

/** Keys that change no number once an adapter is made: what it was trained with, where, and which names the file holds anyway. */
const harmless = (
  'task_type auto_mapping peft_version base_model_name_or_path revision inference_mode target_modules exclude_modules lora_dropout ' +
  'layers_to_transform layers_pattern megatron_config megatron_core loftq_config eva_config corda_config lora_ga_config ' +
  'qalora_group_size runtime_config ensure_weight_tying'
).split(' ');

const schema = z.looseObject({
  peft_type: z.literal('LORA', { error: 'only LORA adapters are read' }),
  r: z.int().min(1).max(65_536),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().nullish(),
  bias: z.enum(['none', 'all', 'lora_only']).nullish(),
  modules_to_save: z.array(z.string()).nullish(),
  init_lora_weights: z
    .union([z.boolean(), z.enum(['gaussian', 'orthogonal', 'eva'])], {
      error: 'initialisations that change the base weights are not supported (merge first)',
    })
    .nullish(),
  ...unsupported,
});

/** Adapters and what {@link applyLora} needs to use them. */
export interface LoadedAdapters {
  readonly settings: LoraSettings;
  /**
   * To be spread over the base's parameters: adapters, and trained biases and saved modules under the base's own names,
   * which take the base's place (so that the base's parameters alone are still the model without adapters). The caller
   * disposes them.
   */
  readonly params: Record<string, Tensor>;
  /**
   * The names in `params` that replace a parameter of the base. On a tied base a saved head is `lm_head.weight`, and a saved embedding
   * `model.embed_tokens.modules_to_save.weight`: as in PEFT, each alone leaves the other the base's matrix.
   */
  readonly replaced: readonly string[];
}

/**
 * A name as the model has it: PEFT puts an adapted matrix's bias under `base_layer`. On a tied base a saved embedding stands beside the
 * base's matrix, which the head keeps (unless a saved head takes its place too).
 */
const ownName = (stored: string, tied: boolean): string => {
  const name = stored.slice(prefix.length).replace('.base_layer.', '.').replace('.modules_to_save.', '.');
  return tied && name === 'model.embed_tokens.weight' ? savedEmbedding : name;
};

/**
 * Which adapters a file holds, as expected names and shapes, and which of the model's own parameters it replaces (trained
 * biases, saved modules). A name that is neither is an error.
 */
const expectedShapes = (
  source: string,
  { architecture }: CausalLm,
  rank: number,
  names: Iterable<string>,
): { shapes: Record<string, readonly number[]>; targets: Projection[]; replaced: string[] } => {
  const stems = new Map<string, LayerProjection>();
  for (let layer = 0; layer < architecture.layers; layer++)
    for (const projection of layerProjections(architecture, layer)) stems.set(projection.name, projection);
  // A tied base has no head of its own until one was saved, and its embedding may be saved apart from it.
  const { tiedHead: tied } = architecture;
  const plain = parameterShapes(architecture);
  const matrix = plain['model.embed_tokens.weight']!;
  const own = tied ? { ...plain, 'lm_head.weight': matrix, [savedEmbedding]: matrix } : plain;
  const shapes: Record<string, readonly number[]> = {};
  const targets = new Set<Projection>();
  const replaced: string[] = [];
  for (const stored of names) {
    const name = ownName(stored, tied);
    const stem = name.replace(/\.lora_[AB]\.weight$/, '');
    const adapted = stem === name ? undefined : stems.get(stem);
    if (!stored.startsWith(prefix) || (!adapted && !(name in own)))
      throw new RangeError(
        `${source}: ${stored} is no adapter of this model's projections, and none of its parameters`,
      );
    if (adapted) {
      const [out, into] = adapted.shape;
      shapes[`${prefix}${stem}.lora_A.weight`] = [rank, into];
      shapes[`${prefix}${stem}.lora_B.weight`] = [out, rank];
      targets.add(adapted.projection);
    } else {
      shapes[stored] = own[name]!;
      replaced.push(name);
    }
  }
  return { shapes, targets: projections.filter((projection) => targets.has(projection)), replaced };
};

/**
 * Reads a PEFT LoRA folder for a model. Names and shapes are checked before any weight is read.
 *
 * @throws RangeError naming what the folder has that is not understood: another method, DoRA, ranks by layer and the like
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
export const loadAdapters = async (path: string, lm: CausalLm): Promise<LoadedAdapters> => {
  const folder = await wholeFolder(path);
  const source = `loadAdapters: ${folder}`;
  const result = schema.safeParse(await readJsonFile(inFolder(folder, 'adapter_config.json'), 1_000_000));
  if (!result.success)
    throw new RangeError(
      `${source}: adapter_config.json: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  // A key of a later PEFT may change the numbers: it is refused unless it is off.
  const unknown = Object.keys(result.data).find(
    (key) => !(key in schema.shape) && !harmless.includes(key) && !isOff(result.data[key]),
  );
  if (unknown !== undefined)
    throw new RangeError(`${source}: adapter_config.json: ${unknown}: is not known here, and set`);
  const { r: rank, lora_alpha: alpha, use_rslora: rankStabilized } = result.data;
  const stored = await locateWeights(folder, 'adapter_model');
  const { shapes, targets, replaced } = expectedShapes(source, lm, rank, stored.keys());
  checkWeights(source, stored, shapes);
  const read = await readWeights(stored, Object.keys(shapes));
  const params = Object.fromEntries(
    Object.entries(read).map(([name, value]) => [ownName(name, lm.architecture.tiedHead), value]),
  );
  return { settings: { rank, alpha, targets, ...(rankStabilized && { rankStabilized }) }, params, replaced };
};

/** A name as PEFT has it. */
const storedName = (name: string, params: Params): string => {
  if (name === savedEmbedding) return `${prefix}model.embed_tokens.weight`;
  const stem = name.replace(/\.bias$/, '');
  return prefix + (stem !== name && `${stem}.lora_A.weight` in params ? `${stem}.base_layer.bias` : name);
};

/** Modules whose whole weight was trained, by their full names. PEFT knows biases by its setting `bias` instead. */
const savedModules = (replaced: readonly string[]): string[] | null => {
  const modules = replaced.flatMap((given) => {
    const name = given === savedEmbedding ? 'model.embed_tokens.weight' : given;
    return name.endsWith('.weight') ? [name.slice(0, -'.weight'.length)] : [];
  });
  return modules.length === 0 ? null : modules;
};

/** Which projections carry adapters, by the adapters' names. */
const targetsOf = (adapters: readonly string[]): Projection[] =>
  projections.filter((projection) => adapters.some((name) => name.includes(`.${projection}.lora_`)));

/** What to save. */
export interface SaveAdaptersOptions {
  readonly settings: LoraSettings;
  /** Adapters, alone or among other parameters, which are left out unless `replaced` names them. */
  readonly params: Params;
  /** Parameters of the base that were trained whole, e.g. `lm_head.weight` or biases; none by default. */
  readonly replaced?: readonly string[];
  /** Path or Hub name of the base model, so that PEFT finds it. */
  readonly baseModel?: string;
}

/**
 * Saves adapters as a folder that PEFT's `PeftModel.from_pretrained` reads; written and moved into place as a whole.
 * @throws RangeError when `params` holds no adapters, or adapters of another rank than the settings'
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
export const saveAdapters = async (folder: string, options: SaveAdaptersOptions): Promise<void> => {
  assertOptions('saveAdapters', options, ['settings', 'params', 'baseModel', 'replaced']);
  const { settings, params, baseModel, replaced = [] } = options;
  const adapters = Object.keys(params).filter((name) => /\.lora_[AB]\.weight$/.test(name));
  const absent = replaced.find((name) => !(name in params));
  if (absent !== undefined) throw new RangeError(`saveAdapters: replaced names ${absent}, which params lacks`);
  const names = [...adapters, ...replaced];
  if (adapters.length === 0)
    throw new RangeError('saveAdapters: params must hold lora_A and lora_B weights, got none (see initLora)');
  for (const name of adapters)
    if (name.endsWith('.lora_A.weight'))
      checkAdapterRank('saveAdapters', settings.rank, name.slice(0, -'.lora_A.weight'.length), params[name]!);
  const tensors: Record<string, TensorData> = {};
  for (const name of names)
    tensors[storedName(name, params)] = {
      data: (await params[name]!.data()) as Float32Array,
      shape: params[name]!.shape,
    };
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel ?? null,
    inference_mode: true,
    r: settings.rank,
    lora_alpha: settings.alpha,
    lora_dropout: 0,
    use_rslora: settings.rankStabilized ?? false,
    bias: replaced.some((name) => name.endsWith('.bias')) ? 'all' : 'none',
    fan_in_fan_out: false,
    target_modules: settings.targets ?? targetsOf(adapters),
    modules_to_save: savedModules(replaced),
  };
  await writeFolder(folder, [
    jsonFile('adapter_config.json', config),
    { name: 'adapter_model.safetensors', chunks: safetensorsChunks(tensors, { metadata: { format: 'pt' } }) },
  ]);
};
