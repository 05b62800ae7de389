import { UsageError } from '../errors.ts';
import { hasPriors } from '../models/priors.ts';
import { togetherOf } from '../plans/eval-plan.ts';
import type { RunPlan } from '../plans/run-plan.ts';
import { files } from '../shell/run-folder.ts';
import { imports } from './imports.ts';
import { literal } from './literal.ts';
import { closeLines, modelLines, policyLines, questionLines, renderLines, verifierLines } from './model-parts.ts';
import { engineLines } from './parts.ts';
import { searchLines } from './search-parts.ts';
import { trainLines } from './train-parts.ts';

/** The program that `svo run` is, over the packages. */
export function runCode(plan: RunPlan): string {
  const { place, model, elsewhere, questions, verifier, server, seed, engine, out, rounds, test, evaluation } = plan;
  if (plan.there)
    throw new UsageError(
      '--print-code: a run whose model is on a server has no printed program; examples/on-a-server.ts is one, and svo train prints its own',
    );
  const own = { kind: 'folder', path: model } as const;
  const drawer = elsewhere ? place : own;
  const remote = elsewhere && place.kind !== 'folder' && place.kind !== 'gguf' && place.kind !== 'hub';
  const local = elsewhere && !remote;
  const { samples, temperature, maxTokens } = evaluation;
  const measuring = [
    'async function measure() {',
    ...policyLines({ place: own, server, format: 'wholeFormat', temperature, maxTokens, id: 'measure' }).map(indent),
    '  let [right, all] = [0, 0];',
    `  const asked = { policy, questions: test, verifier, samples: ${samples}, together: ${togetherOf(samples)}, seed: ${seed} };`,
    '  for await (const { answers } of answerQuestions(asked)) {',
    '    for (const { right: is, count } of answers) {',
    '      all += count;',
    '      if (is) right += count;',
    '    }',
    '  }',
    '  console.log(JSON.stringify({ right, all }));',
    '}',
    '',
  ];
  const measure = test === undefined ? [] : ['await measure();'];
  const grow = searchLines({ ...plan, place: drawer, model: undefined }, 'search', hasPriors(plan));
  const body = [
    ...engineLines(engine),
    `const { learner, params: reference } = await loadLearner(${literal(model)});`,
    ...(remote ? modelLines({ place, server, engine }) : []),
    ...(local ? [`const drawer = await loadLearner(${literal((place as { path: string }).path)});`] : []),
    ...verifierLines(verifier, questions.task),
    ...renderLines(questions, own),
    ...questionLines(questions, own, 'all'),
    ...(test === undefined ? [] : questionLines(test, own, 'test')),
    'let params = reference;',
    '',
    ...(test === undefined ? [] : measuring),
    ...measure,
    'const gathered = [];',
    `for (let round = 1; round <= ${rounds}; round++) {`,
    `  const part = Math.floor(all.length / ${rounds});`,
    `  const questions = all.slice((round - 1) * part, round === ${rounds} ? undefined : round * part);`,
    ...(local
      ? grow.map((line) =>
          line
            .replaceAll('...learner, params,', '...drawer.learner, params: drawer.params,')
            .replaceAll('learner.tokenizer }', 'drawer.learner.tokenizer }'),
        )
      : grow
    ).map(indent),
    '  gathered.push(...trees);',
    `  const material = treeMaterial(gathered, { seed: ${seed} });`,
    ...trainLines({ ...plan.train, seed }).map(indent),
    ...measure.map(indent),
    '}',
    `await savePretrained(${literal(`${out}/${files.model}`)}, { ...learner, params });`,
    ...(remote ? closeLines(place) : []),
  ].join('\n');
  return `${imports(body)}\n${body}\n`;
}

const indent = (line: string): string => (line === '' ? '' : `  ${line}`);
