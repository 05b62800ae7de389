/** Which parameters a decoder has, under Hugging Face's names, and how fresh ones are drawn. */
import { createRng, normals, splitRng } from '@svo/mdp';
import { type Params, type Tensor, tf } from '@svo/tensor';
import type { Architecture } from './architecture.ts';

export type { Params };

/** The matrices adapters may attach to, by their names in a layer; {@link layerProjections} says which a layer has. */
export const projections = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;

/** One of a layer's matrices. */
export type Projection = (typeof projections)[number];

/** A matrix of a layer: its name within the model without `.weight`, `[out, in]`, and whether it has a bias. */
export interface LayerProjection {
  readonly projection: Projection;
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly bias: boolean;
}

/** `model.layers.3.self_attn.q_proj` or `model.layers.3.mlp.gate_proj`, without `.weight`. */
export const projectionName = (layer: number, projection: Projection): string =>
  `model.layers.${layer}.${/^(gate|up|down)/.test(projection) ? 'mlp' : 'self_attn'}.${projection}`;

/** Every matrix of a layer that adapters may attach to, in the order of the forward pass. */
export const layerProjections = (architecture: Architecture, layer: number): readonly LayerProjection[] => {
  const { hiddenSize: hidden, intermediateSize: inner, heads, keyValueHeads, headDim } = architecture;
  const { queryKeyValueBias, outputBias, feedForwardBias } = architecture;
  const at = (projection: Projection, out: number, into: number, bias: boolean): LayerProjection => ({
    projection,
    name: projectionName(layer, projection),
    shape: [out, into],
    bias,
  });
  return [
    at('q_proj', heads * headDim, hidden, queryKeyValueBias),
    at('k_proj', keyValueHeads * headDim, hidden, queryKeyValueBias),
    at('v_proj', keyValueHeads * headDim, hidden, queryKeyValueBias),
    at('o_proj', hidden, heads * headDim, outputBias),
    at('gate_proj', inner, hidden, feedForwardBias),
    at('up_proj', inner, hidden, feedForwardBias),
    at('down_proj', hidden, inner, feedForwardBias),
  ];
};

/** Which matrices adapters may attach to in a model: the default targets. */
export const modelProjections = (architecture: Architecture): readonly Projection[] => [
  ...new Set(
    Array.from({ length: architecture.layers }, (_, layer) => layerProjections(architecture, layer)).flatMap((layer) =>
      layer.map(({ projection }) => projection),
    ),
  ),
];

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
  const { hiddenSize: hidden, vocabSize, heads, keyValueHeads, headDim, norms, queryKeyNorm } = architecture;
  const shapes: Record<string, readonly number[]> = { 'model.embed_tokens.weight': [vocabSize, hidden] };
  for (let layer = 0; layer < architecture.layers; layer++) {
    const norm = (name: string | undefined, width: number): void => {
      if (name !== undefined) shapes[`model.layers.${layer}.${name}.weight`] = [width];
    };
    norm(norms.beforeAttention, hidden);
    for (const { name, shape, bias } of layerProjections(architecture, layer)) {
      shapes[`${name}.weight`] = shape;
      if (bias) shapes[`${name}.bias`] = [shape[0]];
    }
    if (queryKeyNorm) {
      norm('self_attn.q_norm', queryKeyNorm === 'head' ? headDim : heads * headDim);
      norm('self_attn.k_norm', queryKeyNorm === 'head' ? headDim : keyValueHeads * headDim);
    }
    norm(norms.afterAttention, hidden);
    norm(norms.beforeFeedForward, hidden);
    norm(norms.afterFeedForward, hidden);
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
