import { ktoLoss, paperPresets } from '@svo/losses';
import type { Material, Plan } from '../plan.ts';
import { type Labelled, unpairedPlan } from './unpaired-plan.ts';

const { desirableWeight } = paperPresets.ktoInDvo;

/**
 * KTO: right and wrong responses by themselves, against the drift measured on mismatched ones (2402.01306). Right ones weigh
 * 1.33 times the wrong ones, as in DVO's baseline (2502.13723, section 5). The material's own labelled completions are learned from as well.
 */
export function ktoPlan(material: Material): Promise<Plan<Labelled>> {
  return unpairedPlan('ktoPlan', material, ktoLoss, { desirableWeight });
}
