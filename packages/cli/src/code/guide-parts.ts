import type { GuidePlan } from '../plans/guide-plan.ts';
import { formatIn } from './format-parts.ts';
import { literal } from './literal.ts';

/** The lines that load `valueModel`; the decoder of the very model that answers is shared. */
export function valueLines({ value, format }: GuidePlan, model: string | undefined): string[] {
  const shared = value === model ? ', loaded: { lm: learner.lm, params }' : '';
  return [`const valueModel = await loadValueModel(${literal(value)}, { format: ${formatIn(format)}${shared} });`];
}
