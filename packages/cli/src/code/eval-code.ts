import { type EvalPlan, togetherOf } from '../plans/eval-plan.ts';
import { imports } from './imports.ts';
import { closeLines, modelLines, policyLines, questionLines, renderLines, verifierLines } from './model-parts.ts';

/** The program that `svo eval` is, over the packages. */
export function evalCode(plan: EvalPlan): string {
  const { place, questions, verifier, evaluation, server, seed, engine } = plan;
  const { samples, temperature, maxTokens } = evaluation;
  const body = [
    ...modelLines({ place, server, engine }),
    ...verifierLines(verifier, questions.task),
    ...renderLines(questions, place),
    ...questionLines(questions, place),
    ...policyLines({
      place,
      server,
      format: 'wholeFormat',
      temperature,
      maxTokens,
      id: 'eval',
      system: questions.prompt.system,
    }),
    '',
    'let [right, all] = [0, 0];',
    `const asked = { policy, questions, verifier, samples: ${samples}, together: ${togetherOf(samples)}, seed: ${seed} };`,
    'for await (const { answers } of answerQuestions(asked)) {',
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
