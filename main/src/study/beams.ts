/** What a trained value head is for: step-level beam search over the policy's own steps (SVPO, section 3.3). */
import { stepBeamSearch } from '@svo/mcts';
import { blankLineFormat } from '@svo/mdp';
import { localPolicy, localValueModel, type Params, valueHead } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import type { Job } from '../job.ts';
import type { Row } from './cell.ts';

/** Every step of every question is a pass of its own: few questions. */
const asked = 100;

/** Answers right with one beam and with three, five continuations of each, as in the paper's table 2. */
export async function answeredByBeams(
  { learner, task, options }: Pick<Job, 'learner' | 'task' | 'options'>,
  params: Params,
): Promise<NonNullable<Row['beams']>> {
  const { temperature, stepTokens, depth } = task.search;
  const format = blankLineFormat;
  const policy = localPolicy({ ...learner, params, format, temperature, maxTokens: stepTokens, id: 'beams' });
  const head = valueHead(learner.lm);
  const valueModel = localValueModel({ head, params, tokenizer: learner.tokenizer, id: 'beams', format });
  const questions = task.test.slice(0, Math.min(asked, options.testQuestions));
  const right = async (beams: number): Promise<number> => {
    let count = 0;
    for (const question of questions) {
      const given = { question, policy, valueModel, beams, samples: 5, depth, seed: options.seed };
      const { best } = await stepBeamSearch(given);
      if (mathVerifier(question, best?.text ?? '').equivalent === true) count++;
    }
    return count;
  };
  return { 1: await right(1), 3: await right(3), of: questions.length };
}
