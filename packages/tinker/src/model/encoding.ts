/** How a gradient by log-probs becomes a request, by what the server's loss does with it. */
import type { TokenRow } from './datum.ts';
import { datumText } from './datum.ts';

/**
 * What a server's `forward_backward` makes of its data.
 *
 * - `'sum'`: C = −Σ w·log p over all tokens of all data, as the Tinker documentation says.
 * - `'mean'`: per datum −Σ w·log p / Σ w, then the mean over all data since the last `optim_step` (SkyRL's jax backend).
 */
export type Reduction = 'sum' | 'mean';

/** A request's loss and its data, each datum JSON text. */
export interface Encoded {
  readonly lossFn: string;
  readonly config?: Readonly<Record<string, number>>;
  readonly data: readonly string[];
}

/**
 * The request whose gradient by the weights is Σ g·∂log p, exactly, for g = ∂C/∂log p.
 *
 * - `'sum'`: `cross_entropy` with weights −g.
 * - `'mean'`: weights −g would be divided by their own sum there. `cispo` with both clips 1 has the loss −A·log p (its
 *   ratio is clipped to 1), and weights 1 make the divisors nᵢ and N known: A = −g·nᵢ·N.
 *
 * @param rows all rows of the update, however they are cut into requests afterwards
 * @param gradients g of each row's targets, nᵢ numbers
 */
export function encode(reduction: Reduction, rows: readonly TokenRow[], gradients: readonly Float32Array[]): Encoded {
  if (reduction === 'sum') {
    const data = rows.map((tokens, row) => datumText(tokens, { weights: gradients[row].map((g) => 0 - g) }));
    return { lossFn: 'cross_entropy', data };
  }
  const data = rows.map((tokens, row) => {
    const n = tokens.length - 1;
    const advantages = Float64Array.from(gradients[row], (g) => 0 - g * n * rows.length);
    const [weights, logprobs] = [new Float32Array(n).fill(1), new Float32Array(n)];
    return datumText(tokens, { weights, logprobs, advantages });
  });
  return { lossFn: 'cispo', config: { clip_low_threshold: 1, clip_high_threshold: 1 }, data };
}

/** The request for log-probs alone. */
export function encodeForward(rows: readonly TokenRow[]): Encoded {
  return {
    lossFn: 'cross_entropy',
    data: rows.map((tokens) => datumText(tokens, { weights: new Float32Array(tokens.length - 1).fill(1) })),
  };
}
