import { cispoLoss, dapoLoss, drGrpoLoss, grpoLoss, gspoLoss } from '@svo/losses';
import {
  childMeans,
  drGrpoAdvantages,
  grpoAdvantages,
  leafMeans,
  rlooAdvantages,
  siblingAdvantages,
  stepAdvantages,
  treeRlAdvantages,
} from '@svo/mcts';
import { amongResponses, asCredited, asProgress, asPure, asTempo, asTreeGrpo, inTrees } from './advantages.ts';
import type { PolicyGradient } from './policy-gradient.ts';

const group = amongResponses(grpoAdvantages);

/** The policy gradients of {@link policyGradients}. */
export type PolicyGradientName =
  | 'dapo'
  | 'dr-grpo'
  | 'gspo'
  | 'cispo'
  | 'tis'
  | 'rloo'
  | 'step-cispo'
  | 'spo'
  | 'treerl'
  | 'tree-grpo'
  | 'treerpo'
  | 'tempo'
  | 'pav'
  | 'pure';

/**
 * Policy gradients that differ from GRPO in their loss, or in whom a step is compared with, by the names of `planFor`.
 *
 * @example
 * ```ts
 * import { policyGradients } from '@svo/recipes';
 * policyGradients.dapo.loss.manifest.name; // => 'dapoLoss'
 * ```
 */
export const policyGradients: Readonly<Record<PolicyGradientName, PolicyGradient>> = {
  /** Clip-higher, and one mean over all tokens (2503.14476). */
  dapo: { advantages: group, loss: dapoLoss },
  /** No deviation, no length: a sum divided by the longest response (2503.20783). */
  'dr-grpo': {
    advantages: amongResponses(drGrpoAdvantages),
    loss: drGrpoLoss,
    options: (length) => ({ length }),
  },
  /** One ratio a response (2507.18071). */
  gspo: { advantages: group, loss: gspoLoss },
  /** The weight is cut, never the gradient (2506.13585). */
  cispo: { advantages: group, loss: cispoLoss },
  /** REINFORCE weighed by min(2, π/μ), with no clip beside it (truncated importance sampling, Yao et al. 2025): CISPO's weight, cut at 2. */
  tis: { advantages: group, loss: cispoLoss, options: () => ({ clipHigh: 1 }) },
  /** Against the mean of the others (2402.14740), in the clipped surrogate, as TRL has it. */
  rloo: { advantages: amongResponses(rlooAdvantages), loss: grpoLoss },
  /** What each step changed, V(s′) − V(s), in CISPO's loss: VinePPO without its clip (ours). */
  'step-cispo': { advantages: asCredited, loss: cispoLoss },
  /** What each step changed, on the tokens that the policy was unsure of (SPO-tree, 2505.23564). */
  spo: {
    advantages: inTrees('spo', (tree) => stepAdvantages(tree, { values: childMeans(tree) })),
    loss: grpoLoss,
    unsure: 0.9,
  },
  /** Above the question and above the step before, over the root of the leaves (2506.11902). */
  treerl: {
    advantages: inTrees('treerl', (tree) => treeRlAdvantages(tree, { values: leafMeans(tree) })),
    loss: grpoLoss,
  },
  /** Within the question and within the tree of the same first step (2509.21240). */
  'tree-grpo': { advantages: asTreeGrpo, loss: grpoLoss },
  /** Siblings against each other (2506.05183). */
  treerpo: {
    advantages: inTrees('treerpo', (tree) => siblingAdvantages(tree, { values: childMeans(tree) })),
    loss: grpoLoss,
  },
  /** GRPO with what a branching changed (2509.18314). */
  tempo: { advantages: asTempo, loss: grpoLoss },
  /** Progress of the policy and of a prover that takes the best of four (2410.08146). */
  pav: { advantages: asProgress, loss: grpoLoss },
  /** A response is as good as its worst step (2504.15275). */
  pure: { advantages: asPure, loss: grpoLoss },
};
