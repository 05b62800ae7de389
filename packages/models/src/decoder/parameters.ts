/** Which parameters a decoder has, under Hugging Face's names, and how fresh ones are drawn. */
import { createRng, normals, splitRng } from '@svo/mdp';
import { type Params, type Tensor, tf } from '@svo/tensor';
import type { Architecture } from './config/architecture.ts';

export type { Params };

/** The matrices adapters may attach to, by their names in a layer; `layerProjections` says which a layer has. */
export const projections = [
  'q_proj',
  'k_proj',
  'v_proj',
  'qkv_proj',
  'o_proj',
  'in_proj',
  'out_proj',
  'gate_proj',
  'up_proj',
  'gate_up_proj',
  'down_proj',
  'w1',
  'w3',
  'w2',
] as const;

/** One of a layer's matrices. */
export type Projection = (typeof projections)[number];

/** A matrix of a layer: its name within the model without `.weight`, `[out, in]`, and whether it has a bias. */
export interface LayerProjection {
  readonly projection: Projection;
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly bias: boolean;
}

/** The name of a part of a layer, `model.layers.3.self_attn.q_proj`, without `.weight`. */
export const partName = (layer: number, ...parts: readonly string[]): string =>
  `model.layers.${layer}.${parts.join('.')}`;

/** The router's name in a layer. */
export const routerName = (layer: number): string => partName(layer, 'mlp.gate');

/** An expert's matrices: gate, up, down. */
export const expertNames = (layer: number, expert: number): readonly [gate: string, up: string, down: string] => {
  const at = (name: string): string => partName(layer, 'mlp.experts', String(expert), name);
  return [at('gate_proj'), at('up_proj'), at('down_proj')];
};

/** Shapes of a layer's router and experts, under their full names; none where its feed-forward is an ordinary one. */
export const expertShapes = (
  { hiddenSize: hidden, experts }: Architecture,
  layer: number,
): Readonly<Record<string, readonly [number, number]>> => {
  if (!experts?.layers[layer]) return {};
  const shapes: Record<string, readonly [number, number]> = {
    [`${routerName(layer)}.weight`]: [experts.count, hidden],
  };
  for (let expert = 0; expert < experts.count; expert++) {
    const [gate, up, down] = expertNames(layer, expert);
    for (const name of [gate, up]) shapes[`${name}.weight`] = [experts.innerSize, hidden];
    shapes[`${down}.weight`] = [hidden, experts.innerSize];
  }
  return shapes;
};

/** Every matrix of a layer that adapters may attach to, in the order of the forward pass. Routers and experts carry none. */
export const layerProjections = (architecture: Architecture, layer: number): readonly LayerProjection[] => {
  const { hiddenSize: hidden, intermediateSize: inner, heads, keyValueHeads, headDim } = architecture;
  const { queryKeyValueBias, outputBias, feedForwardBias, fusedProjections, names } = architecture;
  const part = (folder: string, projection: string, out: number, into: number, bias: boolean): LayerProjection => ({
    projection: projection as Projection,
    name: partName(layer, folder, projection),
    shape: [out, into],
    bias,
  });
  const [queryWidth, keyWidth] = [heads * headDim, keyValueHeads * headDim];
  const { attention, feedForward } = names;
  const { convolution, experts } = architecture;
  const folded = convolution?.layers[layer];
  const mixer = folded
    ? [
        part('conv', 'in_proj', 3 * hidden, hidden, convolution.bias),
        part('conv', 'out_proj', hidden, hidden, convolution.bias),
      ]
    : undefined;
  const inputs = fusedProjections
    ? [part(attention, 'qkv_proj', queryWidth + 2 * keyWidth, hidden, queryKeyValueBias)]
    : [
        part(attention, 'q_proj', queryWidth, hidden, queryKeyValueBias),
        part(attention, 'k_proj', keyWidth, hidden, queryKeyValueBias),
        part(attention, 'v_proj', keyWidth, hidden, queryKeyValueBias),
      ];
  const gates = fusedProjections
    ? [part(feedForward, 'gate_up_proj', 2 * inner, hidden, feedForwardBias)]
    : [
        part(feedForward, names.gate, inner, hidden, feedForwardBias),
        part(feedForward, names.up, inner, hidden, feedForwardBias),
      ];
  const mixed = mixer ?? [...inputs, part(attention, names.output, hidden, queryWidth, outputBias)];
  if (experts?.layers[layer]) return mixed;
  return [...mixed, ...gates, part(feedForward, names.down, hidden, inner, feedForwardBias)];
};

/** Which matrices adapters may attach to in a model: the default targets. */
export const modelProjections = (architecture: Architecture): readonly Projection[] => {
  const found = new Set<Projection>();
  for (let layer = 0; layer < architecture.layers; layer++)
    for (const { projection } of layerProjections(architecture, layer)) found.add(projection);
  return projections.filter((projection) => found.has(projection));
};

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
  const {
    hiddenSize: hidden,
    vocabSize,
    heads,
    keyValueHeads,
    headDim,
    norms,
    names,
    queryKeyNorm,
    convolution,
  } = architecture;
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
    Object.assign(shapes, expertShapes(architecture, layer));
    const convolved = convolution?.layers[layer];
    if (convolved) {
      shapes[`${partName(layer, 'conv.conv')}.weight`] = [hidden, 1, convolution.kernel];
      if (convolution.bias) shapes[`${partName(layer, 'conv.conv')}.bias`] = [hidden];
    }
    if (queryKeyNorm && !convolved) {
      const { attention, queryNorm, keyNorm } = names;
      norm(`${attention}.${queryNorm}`, queryKeyNorm === 'head' ? headDim : heads * headDim);
      norm(`${attention}.${keyNorm}`, queryKeyNorm === 'head' ? headDim : keyValueHeads * headDim);
    }
    norm(norms.afterAttention, hidden);
    norm(norms.beforeFeedForward, hidden);
    norm(norms.afterFeedForward, hidden);
  }
  shapes[`model.${names.finalNorm}.weight`] = [hidden];
  if (!architecture.tiedHead) shapes['lm_head.weight'] = [vocabSize, hidden];
  return shapes;
};

/** `count` independent N(0, deviation²) numbers from the stream of `seed` called `label`. */
export const normalValues = (seed: number, label: string, count: number, deviation: number): Float32Array =>
  Float32Array.from(normals(splitRng(createRng(seed), label), count), (value) => value * deviation);

/**
 * Fresh weights as transformers draws them: matrices N(0, initializerRange²), norms 1 in effect, biases 0. Each parameter has a
 * stream of its own, so that adding one leaves the others' values.
 */
export const initialParameters = (architecture: Architecture, seed: number): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(parameterShapes(architecture)).map(([name, shape]) => {
      if (name.endsWith('norm.weight')) return [name, tf.fill([...shape], 1 - architecture.normOffset)];
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
    const shape = expected[name]!;
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
