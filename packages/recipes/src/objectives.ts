import { assertOptions } from '@svo/mdp';
import { rftPlan } from './likelihood/rft.ts';
import { lossNamed, lossNames, lossPlan } from './loss-plan.ts';
import type { Material, Plan } from './plan.ts';
import { grpoPlan, policyGradientPlan, vinePlan } from './policy-gradient/policy-gradient.ts';
import { type PolicyGradientName, policyGradients } from './policy-gradient/variants.ts';
import { dpoPlan, stepDpoPlan } from './preference/pairs.ts';
import { svpoPlan } from './preference/svpo.ts';
import { dvoPlan, dvoResponsePlan } from './steps/dvo.ts';
import { dqoPlan } from './tokens/dqo.ts';
import { droPlan } from './tokens/dro.ts';
import { oreoPlan } from './tokens/oreo.ts';
import { ktoPlan } from './unpaired/kto.ts';
import { primeDqoPlan, primeDvoPlan } from './verifiers/prime.ts';

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
  | 'vine'
  | 'prime-dvo'
  | 'prime-dqo'
  | PolicyGradientName;

const plans: Readonly<Record<Objective, (material: Material, options?: never) => unknown>> = {
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
  ...(Object.fromEntries(
    Object.entries(policyGradients).map(([name, one]) => [name, (given: Material) => policyGradientPlan(given, one)]),
  ) as Record<PolicyGradientName, (material: Material) => unknown>),
  'prime-dvo': primeDvoPlan,
  'prime-dqo': primeDqoPlan,
};

/** Recipes that take options. */
const optional: readonly string[] = ['svpo', 'dqo', 'prime-dqo'];

/** The names of the objectives that have a recipe. */
export const objectives: readonly Objective[] = Object.keys(plans) as Objective[];

/**
 * The plan of a training for an objective chosen by name: one that has a recipe, or a loss of {@link lossNames}, or `'sft'`.
 * Its batches are its own: nobody else looks inside.
 *
 * @param options further options of a loss of `lossNames`, or of a recipe that has some (`svpoPlan`, `dqoPlan`, `primeDqoPlan`)
 * @throws RangeError when there is no objective of this name
 * @example
 * ```ts
 * import { objectives } from '@svo/recipes';
 * objectives.includes('dvo'); // => true
 * ```
 */
export async function planFor(
  objective: Objective | (string & {}),
  material: Material,
  options: object = {},
): Promise<Plan<object>> {
  const recipe = plans[(objective === 'sft' ? 'rft' : objective) as Objective];
  const loss = lossNamed(objective);
  if (recipe !== undefined) {
    if (loss !== undefined && Object.keys(options).length > 0) return lossPlan(loss, material, options);
    if (!optional.includes(objective)) assertOptions(`planFor: ${objective}`, options, []);
    return (await recipe(material, options as never)) as Plan<object>;
  }
  if (loss !== undefined) return lossPlan(loss, material, options);
  const names = [...objectives, ...lossNames.filter((name) => !(name in plans))];
  throw new RangeError(`planFor: objective must be one of ${names.join(', ')}, got '${String(objective)}'`);
}
