/** Finds out what a server's gradient is, on a throwaway model, before anything is trained with it. */
import type { AdamStep } from '../model/adam.ts';
import { type Encoded, encode, type Reduction } from '../passes/encoding.ts';

/** What the probe does to a model: one update with an encoding, and log-probs. */
export interface Probed {
  readonly logps: (rows: readonly Int32Array[]) => Promise<readonly Float32Array[]>;
  /** Sends each part as a request of its own, then steps. */
  readonly step: (parts: readonly Encoded[], adam: AdamStep) => Promise<void>;
}

/** How far a response may be from what a linear one would be: updates are finite, and float32. */
const tolerance = 0.25;

/** |Σ g·Δlog p| that is neither lost in float32 nor beyond the linear part. */
const [faint, loud] = [2e-3, 0.2];

const short = Int32Array.of(1, 3, 2, 4, 1, 2, 3);
/** Goes on from the short one: what is asked of its beginning is asked of the same weights. */
const long = Int32Array.of(...short, 1, 2, 4, 3, 1, 2, 4);
/** Of both signs, so that a sum of weights is no norm of them. */
const gradient = Float32Array.of(0.6, -0.5, 0.4, -0.3, 0.2, -0.35);
const none = new Float32Array(long.length - 1);

/**
 * The encoding under which the server's update follows the gradient it was asked for. AdamW with β = 0 and a huge ε moves
 * the weights by −η·(gradient), so Σ g·Δlog p answers in proportion to what the server took for the gradient: it must be
 * negative, twice as large for 2g, and the same whether the rows come in one request, in two, beside rows whose gradient
 * is 0, or at the beginning of a longer row.
 *
 * @param fresh gives a model that nothing was asked of yet: a wrong encoding may leave one where nothing answers in proportion
 * @returns undefined when no known encoding answers so: such a server must not be trained with
 */
export async function probeReduction(fresh: () => Promise<Probed>): Promise<Reduction | undefined> {
  for (const reduction of ['sum', 'mean'] as const) if (await follows(await fresh(), reduction)) return reduction;
  return undefined;
}

async function follows(probed: Probed, reduction: Reduction): Promise<boolean> {
  const ask = (rows: readonly Int32Array[], gradients: readonly Float32Array[]): Encoded =>
    encode(reduction, rows, gradients);
  const alone = ask([short], [gradient]);
  let rate = 1e-2;
  let base = 0;
  // The model's size decides how large a step is; ten orders are more than any needs.
  for (let attempt = 0; attempt < 10; attempt++) {
    base = await response(probed, [alone], rate);
    if (!Number.isFinite(base)) return false;
    if (Math.abs(base) < faint) rate *= 10;
    else if (Math.abs(base) > loud) rate /= 10;
    else break;
  }
  if (!(base < 0 && -base >= faint && -base <= loud)) return false;
  const near = (value: number, wanted: number): boolean => Math.abs(value / wanted - 1) <= tolerance;
  if (!near(await response(probed, [ask([short], [gradient.map((g) => 2 * g)])], rate), 2 * base)) return false;
  const both = ask([short, long], [gradient, none]);
  if (!near(await response(probed, [both], rate), base)) return false;
  const parts = both.rows.map((row, i) => ({ ...both, rows: [row], inputs: [both.inputs[i]!] }));
  if (!near(await response(probed, parts, rate), base)) return false;
  const beginning = none.slice();
  beginning.set(gradient);
  return near(await response(probed, [ask([long], [beginning])], rate), base);
}

/** Σ g·Δlog p of one update. */
async function response(probed: Probed, parts: readonly Encoded[], rate: number): Promise<number> {
  const before = await probed.logps([short]);
  const epsilon = 1e4;
  await probed.step(parts, { learningRate: rate * epsilon, beta1: 0, beta2: 0, epsilon, weightDecay: 0 });
  const after = await probed.logps([short]);
  return gradient.reduce((sum, g, i) => sum + g * (after[0]![i]! - before[0]![i]!), 0);
}
