/**
 * The made-up environment of mctx's own golden trees: a state is a random key, and everything the model says of it is drawn
 * from the key. Keys are Threefry-2x32 counters (Salmon et al. 2011) used as JAX used them when the trees were published.
 * Not exported.
 */

/** A state of the environment: JAX's `PRNGKey`. */
export type Key = readonly [number, number];

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Threefry-2x32 with 20 rounds: a block of two words under a key. */
function threefry([k0, k1]: Key, x0: number, x1: number): Key {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  let [a, b] = [(x0 + k0) | 0, (x1 + k1) | 0];
  for (let group = 0; group < 5; group++) {
    for (const rotation of rotations[group % 2]!) {
      a = (a + b) | 0;
      b = ((b << rotation) | (b >>> (32 - rotation))) ^ a;
    }
    a = (a + keys[(group + 1) % 3]!) | 0;
    b = (b + keys[(group + 2) % 3]! + group + 1) | 0;
  }
  return [a >>> 0, b >>> 0];
}

/** `count` random words: the counters 0, 1, … in two halves, the first half's words before the second's. */
const words = (key: Key, count: number): number[] => {
  const half = Math.ceil(count / 2);
  const blocks = Array.from({ length: half }, (_, i) => threefry(key, i, half + i < count ? half + i : 0));
  return [...blocks.map(([a]) => a), ...blocks.map(([, b]) => b)].slice(0, count);
};

/** The keys of a state's `count` successors. */
export function splitKey(key: Key, count: number): Key[] {
  const all = words(key, 2 * count);
  return Array.from({ length: count }, (_, i) => [all[2 * i]!, all[2 * i + 1]!]);
}

const { fround } = Math;
/** 23 random bits as a float32 in [0, 1). */
const unit = (word: number): number => (word >>> 9) / 2 ** 23;
const signed = (word: number): number => fround(2 * unit(word) - 1);
/** The largest float32 below 1: a normal is drawn from the open interval. */
const belowOne = 1 - 2 ** -24;

/** erf⁻¹ by Giles's two polynomials in w = −ln(1 − x²) (GPU Computing Gems 2, 2012), which XLA has for float32. */
const inverseErf = (x: number): number => {
  const w = -Math.log1p(-x * x);
  const [centre, coefficients] = w < 5 ? [w - 2.5, near] : [Math.sqrt(w) - 3, far];
  return x * coefficients.reduce((sum, coefficient) => sum * centre + coefficient);
};
const near = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  2.46640727e-1, 1.50140941,
];
const far = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
  2.83297682,
];

/** What the model says of a state. */
export interface Prediction {
  /** π(a | s), [actions]. */
  readonly priors: readonly number[];
  /** In [−1, 1). */
  readonly value: number;
  /** Of the step into the state, in [−1, 1). */
  readonly reward: number;
}

/** The model: normal logits, a uniform value and a uniform reward, each from a key of its own. */
export function predict(key: Key, actions: number): Prediction {
  const [policy, value, reward] = splitKey(key, 3) as [Key, Key, Key];
  const logits = words(policy, actions).map((word) => Math.SQRT2 * inverseErf(fround(2 * unit(word) - belowOne)));
  const weights = logits.map(Math.exp);
  const total = weights.reduce((sum, weight) => sum + weight);
  return {
    priors: weights.map((weight) => weight / total),
    value: signed(words(value, 1)[0]!),
    reward: signed(words(reward, 1)[0]!),
  };
}
