/** Choosing a token from one row of logits on the host: temperature, top-k, top-p, and the model's own log-prob. */

import { assertOptions } from '@svo/mdp';

/** How tokens are drawn. The order is transformers': temperature, then top-k, then top-p. */
export interface SamplingSettings {
  /** 0 takes the likeliest token; 1 (default) draws from the model's distribution. */
  readonly temperature?: number;
  /** Only the k likeliest tokens (and any as likely as the k-th). */
  readonly topK?: number;
  /** Only the likeliest tokens that together hold at least this share of the probability. */
  readonly topP?: number;
}

/** The settings' names, for who checks that no other is given. */
export const samplingKeys = ['temperature', 'topK', 'topP'] as const;

/** The sampling settings among further options. */
export const samplingOf = ({ temperature, topK, topP }: SamplingSettings): SamplingSettings => ({
  ...(temperature !== undefined && { temperature }),
  ...(topK !== undefined && { topK }),
  ...(topP !== undefined && { topP }),
});

/**
 * Checks sampling settings.
 * @throws RangeError when temperature < 0, topK is no integer ≥ 1, or topP is outside (0, 1]
 */
export const checkSampling = (source: string, { temperature = 1, topK, topP }: SamplingSettings): void => {
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    throw new RangeError(`${source}: temperature must be ≥ 0 and finite, got ${temperature} (0 is greedy)`);
  if (topK !== undefined && (!Number.isInteger(topK) || topK < 1))
    throw new RangeError(`${source}: topK must be an integer ≥ 1, got ${topK} (leave it out for all tokens)`);
  if (topP !== undefined && !(topP > 0 && topP <= 1))
    throw new RangeError(`${source}: topP must be in (0, 1], got ${topP}`);
};

/** A function that draws from a row, and the model's log-prob of what it drew. */
export interface Sampler {
  /** The token drawn from `logits[offset .. offset + V)` by the number `u` in [0, 1). */
  readonly draw: (logits: Float32Array, offset: number, u: number) => number;
  /**
   * log softmax(logits)[token] of the last draw, in nats: of the model itself, before temperature, top-k and top-p. The logits must
   * still be what they were.
   */
  readonly logp: () => number;
}

/** The k-th largest value of `values`: a min-heap of the k largest seen. */
const kthLargest = (values: Float32Array, k: number): number => {
  const heap = values.slice(0, k).sort();
  for (let i = k; i < values.length; i++) {
    if (!(values[i]! > heap[0]!)) continue;
    let at = 0;
    for (let child = 1; child < k; child = 2 * at + 1) {
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= values[i]!) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = values[i]!;
  }
  return heap[0]!;
};

/** Zeroes every weight outside the nucleus: the fewest likeliest tokens holding at least `topP` of the total. */
const keepNucleus = (weights: Float64Array, total: number, topP: number): void => {
  // Tokens below (1 − p)·total / V hold less than 1 − p together, so none of them is in the nucleus: no need to sort them.
  const floor = ((1 - topP) * total) / weights.length;
  const likely: number[] = [];
  for (let id = 0; id < weights.length; id++) if (weights[id]! > 0 && weights[id]! >= floor) likely.push(id);
  // Of equally likely tokens the first ones are taken (torch's sort leaves open which).
  likely.sort((a, b) => weights[b]! - weights[a]! || a - b);
  let held = 0;
  let size = 0;
  while (size < likely.length && held < topP * total) held += weights[likely[size++]!]!;
  const nucleus = likely.slice(0, size).map((id) => [id, weights[id]] as const);
  weights.fill(0);
  for (const [id, weight] of nucleus) weights[id] = weight!;
};

const sum = (values: Float64Array): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};

/** The first index at which the running sum passes u·total; the last positive one when rounding falls short of it. */
const invert = (weights: Float64Array, total: number, u: number): number => {
  const target = u * total;
  let reached = 0;
  let last = 0;
  for (let id = 0; id < weights.length; id++) {
    if (weights[id]! <= 0) continue;
    reached += weights[id]!;
    last = id;
    if (reached > target) return id;
  }
  return last;
};

/**
 * A sampler for a vocabulary. It keeps one scratch array, so one call must finish before the next; rows never influence
 * one another.
 *
 * @example
 * ```ts
 * import { sampler } from '@svo/models';
 * const greedy = sampler(3, { temperature: 0 });
 * greedy.draw(Float32Array.of(0, 2, 1), 0, 0.5); // => 1
 * greedy.logp().toFixed(4); // => '-0.4076'
 * ```
 */
export const sampler = (vocabularySize: number, settings: SamplingSettings = {}): Sampler => {
  assertOptions('sampler', settings, samplingKeys);
  checkSampling('sampler', settings);
  const { temperature = 1, topK, topP } = settings;
  const weights = new Float64Array(vocabularySize);
  let lastLogp: () => number = () => 0;

  const unusable = (why: string): RangeError =>
    new RangeError(`sampler: logits must be finite, got a row ${why} (exploded weights?)`);

  /** Weights relative to the likeliest token at a temperature, and their sum. */
  const weigh = (logits: Float32Array, offset: number, largest: number, heat: number): number => {
    let total = 0;
    for (let id = 0; id < vocabularySize; id++) {
      const weight = Math.exp((logits[offset + id]! - largest) / heat);
      weights[id] = weight;
      total += weight;
    }
    return total;
  };

  const draw: Sampler['draw'] = (logits, offset, u) => {
    let likeliest = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let id = 0; id < vocabularySize; id++) {
      const logit = logits[offset + id]!;
      if (!(logit < Number.POSITIVE_INFINITY)) throw unusable(`with ${logit} at token ${id}`);
      if (logit > largest) {
        largest = logit;
        likeliest = id;
      }
    }
    if (largest === Number.NEGATIVE_INFINITY) throw unusable('of -Infinity alone');
    if (temperature === 0) {
      // Nothing is drawn, so that the sum over the vocabulary is left to who asks for it.
      lastLogp = () => -Math.log(weigh(logits, offset, largest, 1));
      return likeliest;
    }
    const total = weigh(logits, offset, largest, temperature);
    const chosen = pick(logits, offset, total, u);
    const logit = logits[offset + chosen]!;
    // The log-prob is the model's own, at temperature 1: where draws are hotter or colder its sum is left to who asks, too.
    lastLogp = () => logit - largest - Math.log(temperature === 1 ? total : weigh(logits, offset, largest, 1));
    return chosen;
  };

  const pick = (logits: Float32Array, offset: number, total: number, u: number): number => {
    let mass = total;
    if (topK !== undefined && topK < vocabularySize) {
      const least = kthLargest(logits.subarray(offset, offset + vocabularySize), topK);
      for (let id = 0; id < vocabularySize; id++) if (logits[offset + id]! < least) weights[id] = 0;
      mass = sum(weights);
    }
    if (topP !== undefined && topP < 1) {
      keepNucleus(weights, mass, topP);
      mass = sum(weights);
    }
    return invert(weights, mass, u);
  };

  return { draw, logp: () => lastLogp() };
};
