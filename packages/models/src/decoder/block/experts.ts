/** A mixture of experts (1701.06538, section 2): each token's feed-forward is that of the few experts its router finds most probable. */
import { embedding, linear } from '@svo/kernels';
import { type Tensor, tf, withoutGradient } from '@svo/tensor';
import type { Experts } from '../config/architecture.ts';
import { type Decoder, weightOf } from '../decoder-record.ts';
import { expertNames, type Params, routerName } from '../parameters.ts';
import { gated, residualSum } from './layer-operations.ts';

/** The numbers of each token's experts `[N·k]`, ascending; of two that are equally probable the first. */
const chosenExperts = (probabilities: ArrayLike<number>, { count, active }: Experts): Int32Array => {
  const rows = probabilities.length / count;
  const chosen = new Int32Array(rows * active);
  for (let row = 0; row < rows; row++) {
    const at = (expert: number): number => probabilities[row * count + expert]!;
    const byProbability = Array.from({ length: count }, (_, expert) => expert).sort((a, b) => at(b) - at(a) || a - b);
    chosen.set(
      byProbability.slice(0, active).sort((a, b) => a - b),
      row * active,
    );
  }
  return chosen;
};

/** Tokens in the order of the experts they visit. */
interface Visits {
  /** `[N·k]`: the token of each visit, all visits of one expert together. */
  readonly tokens: Int32Array;
  /** `[N·k]`: which of all tokens' choices each visit is. */
  readonly choices: Int32Array;
  /** `[N·k]`: the visit of each choice. */
  readonly places: Int32Array;
  /** Those that are visited, and by how many. */
  readonly visited: readonly (readonly [expert: number, tokens: number])[];
}

const visitsOf = (chosen: Int32Array, { count, active }: Experts): Visits => {
  const perExpert = new Int32Array(count);
  for (const expert of chosen) perExpert[expert]!++;
  const next = new Int32Array(count);
  for (let expert = 1; expert < count; expert++) next[expert] = next[expert - 1]! + perExpert[expert - 1]!;
  const [tokens, choices] = [new Int32Array(chosen.length), new Int32Array(chosen.length)];
  const places = chosen.map((expert, choice) => {
    const place = next[expert]!++;
    tokens[place] = Math.floor(choice / active);
    choices[place] = choice;
    return place;
  });
  const visited = Array.from(perExpert, (visits, expert) => [expert, visits] as const).filter(
    ([, visits]) => visits > 0,
  );
  return { tokens, choices, places, visited };
};

const int32 = (values: Int32Array): Tensor => tf.tensor1d(values, 'int32');

const expert = (model: Decoder, params: Params, layer: number, index: number, x: Tensor): Tensor => {
  const [gate, up, down] = expertNames(layer, index).map((name) => weightOf(model, params, `${name}.weight`));
  return linear(gated(model.architecture.activation, linear(x, gate!), linear(x, up!)), down!);
};

/** The weights of each token's experts: their probabilities, or those divided by their sum. */
const shares = (probabilities: Tensor, { normalized }: Experts): Tensor =>
  normalized ? tf.div(probabilities, tf.sum(probabilities, 1, true)) : probabilities;

/** Every expert computes the tokens that visit it, and no other. */
const visitedExperts = (model: Decoder, params: Params, layer: number, x: Tensor, probabilities: Tensor): Tensor => {
  const experts = model.architecture.experts!;
  const { count, active } = experts;
  const [tokens] = x.shape as [number, number];
  const chosen = chosenExperts(
    withoutGradient(() => probabilities.dataSync()),
    experts,
  );
  const visits = visitsOf(chosen, experts);
  const flat = chosen.map((number, choice) => Math.floor(choice / active) * count + number);
  const picked = embedding(tf.reshape(probabilities, [tokens * count, 1]), int32(flat));
  const weights = tf.reshape(shares(tf.reshape(picked, [tokens, active]), experts), [tokens * active, 1]);
  const sizes = visits.visited.map(([, size]) => size);
  const inputs = tf.split(embedding(x, int32(visits.tokens)), sizes, 0);
  const outputs = visits.visited.map(([index], i) => expert(model, params, layer, index, inputs[i]!));
  const weighted = tf.mul(tf.concat(outputs, 0), embedding(weights, int32(visits.choices)));
  // A token's experts are added in ascending order, whatever else is in the batch.
  const slots = Array.from({ length: active }, (_, slot) =>
    embedding(
      weighted,
      int32(Int32Array.from({ length: tokens }, (__, token) => visits.places[token * active + slot]!)),
    ),
  );
  return slots.reduce(residualSum);
};

/** Every expert computes every token: for a backend whose numbers cannot be read at once. */
const allExperts = (model: Decoder, params: Params, layer: number, x: Tensor, probabilities: Tensor): Tensor => {
  const experts = model.architecture.experts!;
  const visited = withoutGradient(() => {
    const { indices } = tf.topk(probabilities, experts.active);
    return tf.sum(tf.oneHot(tf.cast(indices, 'int32'), experts.count), 1);
  });
  const weights = tf.split(shares(tf.mul(probabilities, visited), experts), experts.count, 1);
  return weights.map((weight, index) => tf.mul(expert(model, params, layer, index, x), weight)).reduce(residualSum);
};

/**
 * Σₑ p(e)·down(activation(gate x) · up x) over the k most probable experts, p = softmax(x Rᵀ), `[N, D] → [N, D]`. What a token gets does
 * not depend on the others.
 */
export const mixtureOfExperts = (model: Decoder, params: Params, layer: number, x: Tensor): Tensor => {
  const probabilities = tf.softmax(linear(x, weightOf(model, params, `${routerName(layer)}.weight`)));
  const compute = tf.getBackend() === 'webgpu' ? allExperts : visitedExperts;
  return compute(model, params, layer, x, probabilities);
};
