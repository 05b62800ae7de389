import { isLocal } from '../models/place.ts';
import { type EvalPlan, searchedTogether, togetherOf } from '../plans/eval-plan.ts';
import { formatIn } from './format-parts.ts';
import { valueLines } from './guide-parts.ts';
import { imports } from './imports.ts';
import { closeLines, modelLines, policyLines, questionLines, renderLines, verifierLines } from './model-parts.ts';
import { engineLines } from './parts.ts';

/** The program that `svo eval` is, over the packages. */
export function evalCode(plan: EvalPlan): string {
  const { place, questions, verifier, evaluation, server, seed, engine } = plan;
  const { samples, temperature, maxTokens } = evaluation;
  const { guide } = plan;
  const counted = `questions, verifier, ${guide ? `beams: ${guide.beam}, samples: ${guide.breadth}, depth: ${guide.depth}, together: ${searchedTogether(plan)}` : `samples: ${samples}, together: ${togetherOf(samples)}`}, seed: ${seed}`;
  const body = [
    ...(guide && !isLocal(place) ? engineLines(engine) : []),
    ...modelLines({ place, server, engine }),
    ...verifierLines(verifier, questions.task),
    ...renderLines(questions, place),
    ...questionLines(questions, place),
    ...policyLines({
      place,
      server,
      format: guide ? formatIn(guide.format) : 'wholeFormat',
      temperature: guide?.temperature ?? temperature,
      maxTokens: guide?.stepTokens ?? maxTokens,
      id: 'eval',
      system: questions.prompt.system,
    }),
    ...(guide ? valueLines(guide, isLocal(place) ? place.path : undefined) : []),
    '',
    'let [right, all] = [0, 0];',
    `const asked = { policy, ${guide ? 'valueModel, ' : ''}${counted} };`,
    `for await (const { answers } of ${guide ? 'answerByBeams' : 'answerQuestions'}(asked)) {`,
    '  for (const { right: is, count } of answers) {',
    '    all += count;',
    '    if (is) right += count;',
    '  }',
    '}',
    'console.log(JSON.stringify({ right, all, accuracy: right / all }));',
    ...closeLines(place),
  ].join('\n');
  return `${imports(body)}\n${body}\n`;
}
