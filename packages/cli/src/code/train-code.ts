import { leavesValues } from '@svo/recipes';
import type { TrainPlan } from '../plans/train-plan.ts';
import { files } from '../shell/run-folder.ts';
import { imports } from './imports.ts';
import { literal } from './literal.ts';
import { engineLines, materialLines } from './parts.ts';
import { trainLines } from './train-parts.ts';
import { trainThereCode } from './train-there-code.ts';

/** The program that `svo train` is, over the packages. */
export function trainCode(plan: TrainPlan): string {
  if (plan.there) return trainThereCode(plan, plan.there);
  const path = literal(`${plan.out}/${files.model}`);
  const body = [
    ...engineLines(plan.engine),
    `const { learner, params: reference } = await loadLearner(${literal(plan.model)});`,
    ...materialLines(plan),
    'let params = reference;',
    '',
    ...trainLines(plan),
    leavesValues(plan.objective)
      ? `await saveValueNetwork(${path}, { network: valueNetwork(learner.lm.config, plan.values!), params, tokenizer: learner.tokenizer });`
      : `await savePretrained(${path}, { ...learner, params });`,
  ].join('\n');
  return `${imports(body)}\n${body}\n`;
}
