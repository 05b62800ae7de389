/** How a gradient by log-probs becomes a request, by what the server's loss does with it. */

/**
 * What a server's `forward_backward` makes of its data.
 *
 * - `'sum'`: C = −Σ w·log p over all tokens of all data, as the Tinker documentation says.
 * - `'mean'`: per datum −Σ w·log p / Σ w, then the mean over all data since the last `optim_step` (SkyRL's jax backend).
 */
export type Reduction = 'sum' | 'mean';

/** A request's loss, and beside each row the numbers of its targets. */
export interface Encoded {
  readonly lossFn: string;
  readonly config?: Readonly<Record<string, number>>;
  readonly rows: readonly Int32Array[];
  readonly inputs: readonly Readonly<Record<string, Float32Array>>[];
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
export function encode(reduction: Reduction, rows: readonly Int32Array[], gradients: readonly Float32Array[]): Encoded {
  if (reduction === 'sum')
    return { lossFn: 'cross_entropy', rows, inputs: scaled(gradients, () => -1).map((weights) => ({ weights })) };
  const [ones, zeros] = [constant(rows, 1), constant(rows, 0)];
  const advantages = scaled(gradients, (row) => -gradients[row]!.length * rows.length);
  const inputs = rows.map((_, row) => ({
    weights: ones[row]!,
    logprobs: zeros[row]!,
    advantages: advantages[row]!,
  }));
  return { lossFn: 'cispo', config: { clip_low_threshold: 1, clip_high_threshold: 1 }, rows, inputs };
}

/** The request for log-probs alone. */
export function encodeForward(rows: readonly Int32Array[]): Encoded {
  return { lossFn: 'cross_entropy', rows, inputs: constant(rows, 1).map((weights) => ({ weights })) };
}

/** The same number for every target: parts of one array, as long as the longest row. */
function constant(rows: readonly Int32Array[], value: number): Float32Array[] {
  const longest = rows.reduce((most, { length }) => Math.max(most, length), 1);
  const all = new Float32Array(longest - 1).fill(value);
  return rows.map(({ length }) => all.subarray(0, length - 1));
}

/** Each row times a number of its own, in one piece of memory. A plain loop: `map` of a typed array costs five times as much. */
function scaled(rows: readonly Float32Array[], by: (row: number) => number): Float32Array[] {
  const all = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  return rows.map((values, row) => {
    const out = all.subarray(from, from + values.length);
    const factor = by(row);
    for (let i = 0; i < out.length; i++) out[i] = values[i]! * factor;
    from += values.length;
    return out;
  });
}
