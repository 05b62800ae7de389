import type { There } from '../plans/there.ts';
import type { TrainPlan } from '../plans/train-plan.ts';
import { files } from '../shell/run-folder.ts';
import { imports } from './imports.ts';
import { literal } from './literal.ts';
import { closeLines, modelLines } from './model-parts.ts';
import { engineLines, materialLines } from './parts.ts';

/** The program that `svo train` is where a server trains the model. */
export function trainThereCode(plan: TrainPlan, { place, rank, server }: There): string {
  const { engine, settings, objective, lossOptions, seed, out } = plan;
  const options = Object.keys(lossOptions).length > 0 ? `, ${literal(lossOptions)}` : '';
  const body = [
    ...engineLines(engine),
    ...modelLines({ place, server, engine }),
    `const lm = await service.createModel({ baseModel: ${literal(place.baseModel)}, rank: ${rank}, seed: ${seed} });`,
    `const reference = service.sampler({ baseModel: ${literal(place.baseModel)} });`,
    'const learner = { lm, tokenizer };',
    ...materialLines(plan),
    `const settings = ${literal(settings)};`,
    `const plan = await planFor(${literal(objective)}, { learner, ...material, reference, settings, seed: ${seed} }${options});`,
    'const learningRate = planRate({ ...settings, updates: plan.updates });',
    'const step = tinkerStep(lm, plan.loss, { learningRate, beta2: 0.98, weightDecay: 0 });',
    'for await (const { report } of stopAfter(train(tinkerStart(), plan.batches(), step), plan.updates))',
    '  console.log(JSON.stringify(report));',
    "console.log(JSON.stringify({ path: await lm.save('trained') }));",
    `await lm.downloadAdapter('adapter', ${literal(`${out}/${files.adapter(files.model)}`)});`,
    ...closeLines(place),
  ].join('\n');
  return `${imports(body)}\n${body}\n`;
}
