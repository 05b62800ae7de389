import { type Rng, splitRng, uniform } from '@svo/mdp';

/** `policy`: Σ π(a|s) V(s′). `optimal`: max V(s′). `{ beta }`: β log Σ π(a|s) exp(V(s′)/β). */
export type ValueKind = 'policy' | 'optimal' | { readonly beta: number };

/** Outcome of a leaf, ±1: right with the log-odds of the success rate plus the quality of the way there. */
export function rewardOf(rng: Rng, quality: number, successRate: number): number {
  const odds = Math.log(successRate / (1 - successRate)) + quality;
  return uniform(splitRng(rng, 'reward'))[0] < 1 / (1 + Math.exp(-odds)) ? 1 : -1;
}

/** π ∝ exp(scale · logit). */
export function softmax(logits: ArrayLike<number>, scale: number): number[] {
  const weights = Array.from(logits, (logit) => Math.exp(scale * logit));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** V(s) from the values of the children. */
export function backup(probabilities: readonly number[], children: readonly number[], kind: ValueKind): number {
  if (kind === 'optimal') return Math.max(...children);
  if (kind === 'policy') return children.reduce((sum, value, branch) => sum + probabilities[branch]! * value, 0);
  const { beta } = kind;
  const top = Math.max(...children);
  return (
    top +
    beta * Math.log(children.reduce((sum, value, b) => sum + probabilities[b]! * Math.exp((value - top) / beta), 0))
  );
}
