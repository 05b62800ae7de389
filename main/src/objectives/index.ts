/** An objective by its name. */
import type { Objective } from '../options.ts';
import { dqoPlan } from './dqo.ts';
import { dvoPlan } from './dvo.ts';
import { ktoPlan } from './kto.ts';
import type { Material, Plan } from './plan.ts';
import { dpoPlan, stepDpoPlan } from './preference.ts';
import { rftPlan } from './rft.ts';
import { svpoPlan } from './svpo.ts';

const plans = {
  dvo: dvoPlan,
  dpo: dpoPlan,
  'step-dpo': stepDpoPlan,
  kto: ktoPlan,
  svpo: svpoPlan,
  dqo: dqoPlan,
  rft: rftPlan,
} as const satisfies Record<Objective, unknown>;

/** The plan of a round's training for the objective asked for. Its batches are its own: nobody else looks inside. */
export async function planFor(objective: Objective, material: Material): Promise<Plan<object>> {
  return (await plans[objective](material)) as Plan<object>;
}
