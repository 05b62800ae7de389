/**
 * Numbers that several options are by default. Losses, what is watched beside them and their float64 references read them here; what only one
 * loss has stands in its manifest.
 */
export const defaults = {
  /** β of pairs, steps and labelled responses: DPO's, DVO's and KTO's. */
  beta: 0.1,
  /** β of values on tokens: DQO's and OREO's. */
  tokenBeta: 0.03,
  /** β and margin of log-probs per token: SimPO's later runs. */
  lengthBeta: 10,
  lengthMargin: 3,
  /** β of implicit process rewards. */
  verifierBeta: 0.05,
  /** ε of clipped ratios: PPO's. */
  clip: 0.2,
  /** ε_high of DAPO. */
  clipHigher: 0.28,
} as const;
