import { isLocal } from '../models/place.ts';
import { type EvalPlan, searchedTogether, togetherOf } from '../plans/eval-plan.ts';
import type { GuidePlan } from '../plans/guide-plan.ts';
import { formatIn } from './format-parts.ts';
import { valueLines } from './guide-parts.ts';
import { imports } from './imports.ts';
import { closeLines, modelLines, policyLines, questionLines, renderLines, verifierLines } from './model-parts.ts';
import { engineLines } from './parts.ts';

/** The program that `svo eval` is, over the packages. */
export function evalCode(plan: EvalPlan): string {
  const { place, questions, verifier, server, guide, seed, engine } = plan;
  const { by, drawing, values, given } = guide ? byBeams(plan, guide) : wholeAnswers(plan);
  const body = [
    ...(guide && !isLocal(place) ? engineLines(engine) : []),
    ...modelLines({ place, server, engine }),
    ...verifierLines(verifier, questions.task),
    ...renderLines(questions, place),
    ...questionLines(questions, place),
    ...policyLines({
      place,
      server,
      ...drawing,
      id: 'eval',
      system: questions.prompt.system,
    }),
    ...values,
    '',
    'let [right, all] = [0, 0];',
    `const asked = { policy, ${given}, seed: ${seed} };`,
    `for await (const { answers } of ${by}(asked)) {`,
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

/** Who answers, how steps or answers are drawn, who ranks them, and what is asked for. */
interface Answering {
  readonly by: string;
  readonly drawing: { readonly format: string; readonly temperature: number; readonly maxTokens: number };
  readonly values: readonly string[];
  readonly given: string;
}

const wholeAnswers = ({ evaluation: { samples, temperature, maxTokens } }: EvalPlan): Answering => ({
  by: 'answerQuestions',
  drawing: { format: 'wholeFormat', temperature, maxTokens },
  values: [],
  given: `questions, verifier, samples: ${samples}, together: ${togetherOf(samples)}`,
});

function byBeams(plan: EvalPlan, guide: GuidePlan): Answering {
  const { place } = plan;
  const { format, temperature, stepTokens, beam, breadth, depth } = guide;
  return {
    by: 'answerByBeams',
    drawing: { format: formatIn(format), temperature, maxTokens: stepTokens },
    values: valueLines(guide, isLocal(place) ? place.path : undefined),
    given: `valueModel, questions, verifier, beams: ${beam}, samples: ${breadth}, depth: ${depth}, together: ${searchedTogether(plan)}`,
  };
}
