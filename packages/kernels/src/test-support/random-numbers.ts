/** A seeded source of numbers for tests. */
export interface RandomNumbers {
  /** `count` draws, roughly normal with the given deviation, rounded to float32 so that references see the same inputs. */
  normal(count: number, deviation?: number): number[];
  /** `count` integers in 0 … limit − 1. */
  below(count: number, limit: number): number[];
}

/** Marsaglia's xorshift32: enough for test inputs. */
export function createRandom(seed: number): RandomNumbers {
  let state = (seed ^ 0x9e3779b9) | 1;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const normal = (): number => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
  return {
    normal: (count, deviation = 1) => Array.from({ length: count }, () => Math.fround(normal() * deviation)),
    below: (count, limit) => Array.from({ length: count }, () => Math.floor(uniform() * limit)),
  };
}
