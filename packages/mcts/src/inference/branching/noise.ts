import { normal, type Rng, uniform } from '@svo/mdp';
import type { BranchingNoise } from './posteriors.ts';

/** Standard random numbers from a stream, one after the other. Gammas by Marsaglia and Tsang (2000). */
export function noiseFrom(rng: Rng): BranchingNoise {
  let stream = rng;
  const next = (draw: (from: Rng) => readonly [number, Rng]): number => {
    const [value, rest] = draw(stream);
    stream = rest;
    return value;
  };
  const gamma = (shape: number): number => {
    // Below 1 their method does not work: a gamma of one more, times a power of a uniform number.
    if (shape < 1) return gamma(shape + 1) * (1 - next(uniform)) ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const x = next(normal);
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(1 - next(uniform)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return { normal: () => next(normal), uniform: () => next(uniform), gamma };
}
