/** Low-rank adapters (LoRA, 2106.09685, eq. 3): y = x Wᵀ + (α / r)·x Aᵀ Bᵀ, with A `[r, in]` and B `[out, r]`. */
import { assertOptions, createRng, splitRng, uniforms } from '@svo/mdp';
import { type Tensor, tf } from '@svo/tensor';
import { checkAdapterRank } from './adapter-rank.ts';
import { type CausalLm, lmOf } from './causal-lm.ts';
import { savedEmbedding } from './decoder.ts';
import { checkCheckpoint, type DecoderOptions } from './decoder-record.ts';
import { layerProjections, modelProjections, type Params, type Projection, projections } from './parameters.ts';

/** How adapters are shaped and scaled. */
export interface LoraSettings {
  /** r, the width of the bottleneck. */
  readonly rank: number;
  /** α; the adapters' product is scaled by α / r. */
  readonly alpha: number;
  /** Scale by α / √r instead (rank-stabilised LoRA, 2312.03732). */
  readonly rankStabilized?: boolean;
  /** Which of each layer's matrices carry adapters; all by default. */
  readonly targets?: readonly Projection[];
}

/** α / r, or α / √r. */
export const adapterScale = ({ rank, alpha, rankStabilized = false }: LoraSettings): number =>
  alpha / (rankStabilized ? Math.sqrt(rank) : rank);

/** Targets must be of `known`: the model's projections where the model is at hand, else every family's. */
const checkSettings = (source: string, settings: LoraSettings, known: readonly Projection[] = projections): void => {
  assertOptions(source, settings, ['rank', 'alpha', 'rankStabilized', 'targets']);
  const { rank, alpha, targets = known } = settings;
  if (!Number.isInteger(rank) || rank < 1) throw new RangeError(`${source}: rank must be an integer ≥ 1, got ${rank}`);
  if (!(alpha > 0)) throw new RangeError(`${source}: alpha must be > 0, got ${alpha}`);
  if (targets.length === 0) throw new RangeError(`${source}: targets must name at least one projection`);
  const unknown = targets.find((target) => !known.includes(target));
  if (unknown !== undefined) throw new RangeError(`${source}: targets must be of ${known.join(', ')}, got ${unknown}`);
};

/** r on the projections that carry adapters, 0 on the others and where there are none. */
export const projectionRanks = (
  { architecture }: CausalLm,
  settings: LoraSettings | undefined,
): ((projection: string) => number) => {
  if (!settings) return () => 0;
  const known = modelProjections(architecture);
  checkSettings('memoryPlan', settings, known);
  const targets: readonly string[] = settings.targets ?? known;
  return (projection) => (targets.includes(projection) ? settings.rank : 0);
};

/**
 * Fresh adapters: A uniform in ±1/√in (PEFT's Kaiming draw), B zero, so that the model is unchanged at first. Spread them
 * into the base's parameters: `{ ...base, ...adapters }`. The caller disposes them.
 *
 * @returns `<projection>.lora_A.weight` `[r, in]` and `<projection>.lora_B.weight` `[out, r]` for every layer
 * @throws RangeError for settings out of range
 * @example
 * ```ts
 * import { causalLm, initLora } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const adapters = initLora(lm, { rank: 2, alpha: 4, targets: ['v_proj'] }, 1);
 * Object.keys(adapters); // => ['model.layers.0.self_attn.v_proj.lora_A.weight', 'model.layers.0.self_attn.v_proj.lora_B.weight']
 * ```
 */
export const initLora = ({ architecture }: CausalLm, settings: LoraSettings, seed: number): Record<string, Tensor> => {
  const known = modelProjections(architecture);
  checkSettings('initLora', settings, known);
  const { rank, targets = known } = settings;
  const adapters: Record<string, Tensor> = {};
  for (let layer = 0; layer < architecture.layers; layer++)
    for (const { projection, name, shape } of layerProjections(architecture, layer)) {
      if (!targets.includes(projection)) continue;
      const [out, into] = shape;
      const draws = uniforms(splitRng(createRng(seed), `${name}.lora_A.weight`), rank * into);
      const bound = 1 / Math.sqrt(into);
      adapters[`${name}.lora_A.weight`] = tf.tensor2d(
        Float32Array.from(draws, (u) => (2 * u - 1) * bound),
        [rank, into],
      );
      adapters[`${name}.lora_B.weight`] = tf.zeros([out, rank]);
    }
  return adapters;
};

/**
 * The same model, adding the adapters it finds among its parameters. Given parameters without adapters it is the base
 * model exactly: that is the reference of a preference loss, at no memory.
 *
 * @param options `checkpoint` (see `DecoderOptions`); the base's by default
 * @throws RangeError for settings out of range or a bad option; from a pass, where the adapters in its parameters are of another rank
 * @example
 * ```ts
 * import { applyLora, causalLm, initLora } from '@svo/models';
 * const base = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const lora = { rank: 2, alpha: 4 };
 * const lm = applyLora(base, lora);
 * const params = { ...base.init(1), ...initLora(base, lora, 2) };
 * params['model.layers.0.self_attn.q_proj.lora_A.weight']!.shape; // => [2, 8]
 * ```
 */
export const applyLora = (lm: CausalLm, settings: LoraSettings, options: DecoderOptions = {}): CausalLm => {
  assertOptions('applyLora', options, ['checkpoint']);
  checkSettings('applyLora', settings, modelProjections(lm.architecture));
  checkCheckpoint('applyLora', options.checkpoint);
  const { checkpoint = lm.decoder.checkpoint } = options;
  return lmOf(lm.config, {
    ...lm.decoder,
    checkpoint,
    adapters: { rank: settings.rank, scale: adapterScale(settings) },
  });
};

/** W + (α / r)·B A. */
export const withAdapter = (weight: Tensor, down: Tensor, up: Tensor, scale: number): Tensor =>
  tf.tidy(() => tf.add(weight, tf.mul(tf.matMul(up, down), scale)));

/**
 * The adapters' products added to the weights they belong to: W + (α / r)·B A. The result has no adapters and belongs to
 * the base model; it shares no tensor with `params`. Where a tied base's embedding or head was trained apart from the other
 * (`modules_to_save`), the result holds both, for the same config with `tie_word_embeddings: false`.
 *
 * @throws RangeError for settings out of range or of another rank, or an adapter without its other half or its weight
 * @example
 * ```ts
 * import { causalLm, initLora, mergeLora } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const lora = { rank: 2, alpha: 4 };
 * const merged = mergeLora({ ...lm.init(1), ...initLora(lm, lora, 2) }, lora);
 * Object.keys(merged).some((name) => name.includes('lora')); // => false
 * ```
 */
export const mergeLora = (params: Params, settings: LoraSettings): Record<string, Tensor> => {
  checkSettings('mergeLora', settings);
  const scale = adapterScale(settings);
  const merged: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(params)) {
    if (/\.lora_[AB]\.weight$/.test(name) || name === savedEmbedding) continue;
    const stem = name.replace(/\.weight$/, '');
    const [down, up] = [params[`${stem}.lora_A.weight`], params[`${stem}.lora_B.weight`]!];
    if (Boolean(down) !== Boolean(up))
      throw new RangeError(`mergeLora: ${stem} has one of lora_A and lora_B, needs both`);
    if (down) checkAdapterRank('mergeLora', settings.rank, stem, down);
    merged[name] = down ? withAdapter(value, down, up, scale) : tf.clone(value);
  }
  const saved = params[savedEmbedding];
  if (saved) {
    // The head keeps the base's matrix, under a name of its own: the model is tied no more.
    const base = merged['model.embed_tokens.weight'];
    if (base && !merged['lm_head.weight']) merged['lm_head.weight'] = base;
    else base?.dispose();
    merged['model.embed_tokens.weight'] = tf.clone(saved);
  }
  const orphan = Object.keys(params).find(
    (name) => /\.lora_[AB]\.weight$/.test(name) && !(name.replace(/lora_[AB]\.weight$/, 'weight') in merged),
  );
  if (orphan !== undefined)
    throw new RangeError(
      `mergeLora: ${orphan} has no base weight in params (of frozen weights savePretrained and saveGguf merge as they write: mergeAdapters: true)`,
    );
  return merged;
};
