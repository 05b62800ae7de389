import type { TrainPlan } from '../plans/train-plan.ts';
import { files } from '../shell/run-folder.ts';
import { imports } from './imports.ts';
import { literal } from './literal.ts';
import { engineLines, materialLines } from './parts.ts';

/** The program that `svo train` is, over the packages. */
export function trainCode(plan: TrainPlan): string {
  const { model, objective, settings, lossOptions, lora, seed, out } = plan;
  const adapters = lora ? ', adapters' : '';
  const options = Object.keys(lossOptions).length > 0 ? `, ${literal(lossOptions)}` : '';
  const learner = lora ? '{ ...learner, lm: applyLora(learner.lm, lora) }' : 'learner';
  const final = lora ? 'mergeLora(trained, lora)' : 'trained';
  const body = [
    ...engineLines(plan.engine),
    `const { learner, params } = await loadLearner(${literal(model)});`,
    ...(lora
      ? [`const lora = ${literal(lora)} as const;`, `const adapters = initLora(learner.lm, lora, ${seed});`]
      : []),
    ...materialLines(plan),
    `const settings = ${literal(settings)};`,
    `const given = { learner: ${learner}, ...material, reference: params, settings, seed: ${seed} };`,
    `const plan = await planFor(${literal(objective)}, given${options});`,
    'const optimizer = planOptimizer({ ...settings, updates: plan.updates });',
    '',
    'let trained = params;',
    `for await (const { state, report } of trainPlan(plan, { params, optimizer${adapters} })) {`,
    '  trained = state.params;',
    '  console.log(JSON.stringify(report));',
    '}',
    `await savePretrained(${literal(`${out}/${files.model}`)}, { ...learner, params: ${final} });`,
  ];
  return `${imports(body.join('\n'))}\n${body.join('\n')}\n`;
}
