import { rftPlan } from './likelihood/rft.ts';
import type { Material, Plan } from './plan.ts';
import { grpoPlan, vinePlan } from './policy-gradient/policy-gradient.ts';
import { dpoPlan, stepDpoPlan } from './preference/pairs.ts';
import { svpoPlan } from './preference/svpo.ts';
import { dvoPlan, dvoResponsePlan } from './steps/dvo.ts';
import { dqoPlan } from './tokens/dqo.ts';
import { droPlan } from './tokens/dro.ts';
import { oreoPlan } from './tokens/oreo.ts';
import { ktoPlan } from './unpaired/kto.ts';

/** An objective by its name. */
export type Objective =
  | 'rft'
  | 'dpo'
  | 'step-dpo'
  | 'kto'
  | 'dvo-response'
  | 'dvo'
  | 'svpo'
  | 'dqo'
  | 'oreo'
  | 'dro'
  | 'grpo'
  | 'vine';

const plans: Readonly<Record<Objective, (material: Material) => unknown>> = {
  rft: rftPlan,
  dpo: dpoPlan,
  'step-dpo': stepDpoPlan,
  kto: ktoPlan,
  'dvo-response': dvoResponsePlan,
  dvo: dvoPlan,
  svpo: svpoPlan,
  dqo: dqoPlan,
  oreo: oreoPlan,
  dro: droPlan,
  grpo: grpoPlan,
  vine: vinePlan,
};

/** The names of the objectives that have a recipe. */
export const objectives: readonly Objective[] = Object.keys(plans) as Objective[];

/**
 * The plan of a training for an objective chosen by name. Its batches are its own: nobody else looks inside.
 *
 * @throws RangeError when there is no objective of this name
 * @example
 * ```ts
 * import { objectives } from '@svo/recipes';
 * objectives.includes('dvo'); // => true
 * ```
 */
export async function planFor(objective: Objective, material: Material): Promise<Plan<object>> {
  const plan = plans[objective];
  if (plan === undefined)
    throw new RangeError(`planFor: objective must be one of ${objectives.join(', ')}, got '${String(objective)}'`);
  return (await plan(material)) as Plan<object>;
}
