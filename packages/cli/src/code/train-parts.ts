import type { TrainJob } from '../stages/train-job.ts';
import { literal } from './literal.ts';

/** The lines that train `params` on `material` against `reference`, and leave the result in `params`. */
export function trainLines({
  objective,
  settings,
  lossOptions,
  lora,
  seed,
}: TrainJob & { readonly seed: number }): string[] {
  const options = Object.keys(lossOptions).length > 0 ? `, ${literal(lossOptions)}` : '';
  const adapters = lora ? ', adapters' : '';
  return [
    ...(lora
      ? [`const lora = ${literal(lora)} as const;`, `const adapters = initLora(learner.lm, lora, ${seed});`]
      : []),
    `const settings = ${literal(settings)};`,
    `const student = ${lora ? '{ ...learner, lm: applyLora(learner.lm, lora) }' : 'learner'};`,
    `const given = { learner: student, ...material, reference, settings, seed: ${seed} };`,
    `const plan = await planFor(${literal(objective)}, given${options});`,
    'const optimizer = planOptimizer({ ...settings, updates: plan.updates });',
    'let trained = params;',
    `for await (const { state, report } of trainPlan(plan, { params, optimizer${adapters} })) {`,
    '  trained = state.params;',
    '  console.log(JSON.stringify(report));',
    '}',
    `params = ${lora ? 'mergeLora(trained, lora)' : 'trained'};`,
  ];
}
