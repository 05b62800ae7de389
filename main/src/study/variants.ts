/** Objectives with one thing changed: what the papers' ablations compare with. */
import type { ValuedTrajectory } from '@svo/mdp';
import { dqoPlan, dvoPlan, dvoResponsePlan, type Material, type Objective, type Plan, svpoPlan } from '@svo/recipes';

interface VariantOf {
  /** Whose settings it is trained with. */
  readonly of: Objective;
  readonly label: string;
  readonly plan: (material: Material) => unknown;
}

/** Each changes one thing of the objective it is of. */
export const variants = {
  /** Credits that add up to r, where DVO's add up to r − V(s₀). */
  'dvo-outcome': {
    of: 'dvo-response',
    label: 'DVO, outcome alone',
    plan: (material) => dvoResponsePlan(withOutcomeAlone(material)),
  },
  /** As the paper's code has it: a step's delimiter, and the end of the response, are no part of the action. */
  'dvo-open-ends': {
    of: 'dvo',
    label: 'DVO, ends of steps unscored',
    plan: (material) => dvoPlan(material, { scoreDelimiters: false }),
  },
  'dvo-response-open-ends': {
    of: 'dvo-response',
    label: 'DVO, whole response, ends of steps unscored',
    plan: (material) => dvoResponsePlan(material, { scoreDelimiters: false }),
  },
  'dvo-outcome-open-ends': {
    of: 'dvo-response',
    label: 'DVO, outcome alone, ends of steps unscored',
    plan: (material) => dvoResponsePlan(withOutcomeAlone(material), { scoreDelimiters: false }),
  },
  'svpo-no-margin': {
    of: 'svpo',
    label: 'SVPO without margin',
    plan: (material) => svpoPlan(material, { marginWeight: 0 }),
  },
  'svpo-no-tie': {
    of: 'svpo',
    label: 'SVPO without regulariser',
    plan: (material) => svpoPlan(material, { regularizerWeight: 0 }),
  },
  /** What is left is Step-DPO with an SFT term. */
  'svpo-no-values': {
    of: 'svpo',
    label: 'SVPO without value head',
    plan: (material) => svpoPlan(material, { marginWeight: 0, regularizerWeight: 0, weights: { value: 0 } }),
  },
  'svpo-no-sft': {
    of: 'svpo',
    label: 'SVPO without SFT',
    plan: (material) => svpoPlan(material, { weights: { sft: 0 } }),
  },
  'dqo-0.95': { of: 'dqo', label: 'DQO, λ 0.95', plan: (material) => dqoPlan(material, { lambda: 0.95 }) },
  'dqo-0.9': { of: 'dqo', label: 'DQO, λ 0.9', plan: (material) => dqoPlan(material, { lambda: 0.9 }) },
  'dqo-unweighted': {
    of: 'dqo',
    label: 'DQO without importance weights',
    plan: (material) => dqoPlan(material, { importanceWeights: false }),
  },
  'dqo-steps': {
    of: 'dqo',
    label: 'DQO, rewards by steps',
    plan: (material) => dqoPlan(material, { rewards: 'steps' }),
  },
} as const satisfies Readonly<Record<string, VariantOf>>;

export type Variant = keyof typeof variants;

export const isVariant = (method: string): method is Variant => method in variants;

/** A variant's plan. Its batches are its own: nobody else looks inside. */
export const variantPlan = async (variant: Variant, material: Material): Promise<Plan<object>> =>
  (await variants[variant].plan(material)) as Plan<object>;

const withOutcomeAlone = (material: Material): Material => ({
  ...material,
  trajectories: material.trajectories.map(outcomeAlone),
});

const outcomeAlone = (one: ValuedTrajectory): ValuedTrajectory => ({
  ...one,
  credits: one.steps.map((_, t) => (t === one.steps.length - 1 ? one.reward : 0)),
});
