/** Which parameters a decoder has, under Hugging Face's names, and how fresh ones are drawn. */
import { createRng, normals, splitRng } from '@svo/mdp';
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture } from './config.ts';

/** Weights by Hugging Face name. Matrices are `[out, in]`: y = x Wᵀ + b. */
export type Params = Readonly<Record<string, Tensor>>;

/** The seven projections of a layer that adapters may attach to. */
export const projections = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;

/** One of a layer's seven matrices. */
export type Projection = (typeof projections)[number];

/** `[out, in]` of each projection and whether it has a bias. */
export const projectionShape = (
  architecture: Architecture,
  projection: Projection,
): { readonly shape: readonly [number, number]; readonly bias: boolean } => {
  const { hiddenSize: hidden, intermediateSize: inner, heads, keyValueHeads, headDim } = architecture;
  switch (projection) {
    case 'q_proj':
      return { shape: [heads * headDim, hidden], bias: architecture.queryKeyValueBias };
    case 'k_proj':
    case 'v_proj':
      return { shape: [keyValueHeads * headDim, hidden], bias: architecture.queryKeyValueBias };
    case 'o_proj':
      return { shape: [hidden, heads * headDim], bias: architecture.outputBias };
    case 'gate_proj':
    case 'up_proj':
      return { shape: [inner, hidden], bias: architecture.feedForwardBias };
    case 'down_proj':
      return { shape: [hidden, inner], bias: architecture.feedForwardBias };
  }
};

/** `model.layers.3.self_attn.q_proj` or `model.layers.3.mlp.gate_proj`, without `.weight`. */
export const projectionName = (layer: number, projection: Projection): string =>
  `model.layers.${layer}.${/^(gate|up|down)/.test(projection) ? 'mlp' : 'self_attn'}.${projection}`;

/**
 * Name and shape of every parameter, in the order of the forward pass.
 *
 * @example
 * ```ts
 * import { parameterShapes, parseConfig } from '@svo/models';
 * const shapes = parameterShapes(parseConfig({
 *   model_type: 'qwen3', vocab_size: 10, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1,
 *   num_attention_heads: 2, num_key_value_heads: 1, head_dim: 4,
 * }));
 * shapes['model.layers.0.self_attn.k_proj.weight']; // => [4, 8]
 * ```
 */
export const parameterShapes = (architecture: Architecture): Readonly<Record<string, readonly number[]>> => {
  const { hiddenSize: hidden, vocabSize, headDim } = architecture;
  const shapes: Record<string, readonly number[]> = { 'model.embed_tokens.weight': [vocabSize, hidden] };
  for (let layer = 0; layer < architecture.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    shapes[`${prefix}.input_layernorm.weight`] = [hidden];
    for (const projection of projections) {
      const { shape, bias } = projectionShape(architecture, projection);
      shapes[`${projectionName(layer, projection)}.weight`] = shape;
      if (bias) shapes[`${projectionName(layer, projection)}.bias`] = [shape[0]];
    }
    if (architecture.queryKeyNorm) {
      shapes[`${prefix}.self_attn.q_norm.weight`] = [headDim];
      shapes[`${prefix}.self_attn.k_norm.weight`] = [headDim];
    }
    shapes[`${prefix}.post_attention_layernorm.weight`] = [hidden];
  }
  shapes['model.norm.weight'] = [hidden];
  if (!architecture.tiedHead) shapes['lm_head.weight'] = [vocabSize, hidden];
  return shapes;
};

/** `count` independent N(0, deviation²) numbers from the stream of `seed` called `label`. */
export const normalValues = (seed: number, label: string, count: number, deviation: number): Float32Array =>
  Float32Array.from(normals(splitRng(createRng(seed), label), count), (value) => value * deviation);

/**
 * Fresh weights as transformers draws them: matrices N(0, initializerRange²), norms 1, biases 0. Each parameter has a
 * stream of its own, so that adding one leaves the others' values.
 */
export const initialParameters = (architecture: Architecture, seed: number): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(parameterShapes(architecture)).map(([name, shape]) => {
      if (name.endsWith('norm.weight')) return [name, tf.ones([...shape])];
      if (name.endsWith('.bias')) return [name, tf.zeros([...shape])];
      const count = shape.reduce((product, extent) => product * extent, 1);
      return [name, tf.tensor(normalValues(seed, name, count, architecture.initializerRange), [...shape])];
    }),
  );

/**
 * Checks that parameters are there and have the shapes the architecture asks for.
 * @throws RangeError naming the first that doesn't
 */
export const checkParameters = (
  source: string,
  params: Params,
  expected: Readonly<Record<string, readonly number[]>>,
): void => {
  for (const name in expected) {
    const shape = expected[name];
    const value = params[name];
    if (
      value === undefined ||
      value.rank !== shape.length ||
      value.shape.some((extent, axis) => extent !== shape[axis])
    )
      throw new RangeError(
        `${source}: params['${name}'] must be [${shape}], got ${value ? `[${value.shape}]` : 'nothing'} (are config and weights of one model?)`,
      );
  }
};
