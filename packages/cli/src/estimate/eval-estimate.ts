import type { Estimate } from '../commands/command.ts';
import { isLocal } from '../models/place.ts';
import type { EvalPlan } from '../plans/eval-plan.ts';
import type { GuidePlan } from '../plans/guide-plan.ts';
import { questionsFor } from '../stages/questions.ts';
import { forward, generationBytes, machineSpeed, showBytes, showTime } from './cost.ts';
import { modelSize } from './model-size.ts';
import { tokenCounter } from './tokens.ts';

/** What a measurement will take at the most: every answer as long as it may be. */
export async function evalEstimate(plan: EvalPlan): Promise<Estimate> {
  const { place, evaluation, guide } = plan;
  const questions = await questionsFor(
    { ...plan.questions, prompt: { ...plan.questions.prompt, chat: false } },
    undefined,
  );
  const here = isLocal(place) ? place.path : undefined;
  const { tokenizer, count } = await tokenCounter(here ?? '');
  const read = questions.reduce((sum, { prompt }) => sum + count(prompt), 0);
  const written = questions.length * (guide ? searched(guide) : evaluation.samples * evaluation.maxTokens);
  const lines = [
    `${questions.length} questions, ${tokenizer ? '' : 'about '}${read} tokens`,
    guide
      ? `at the most ${written} tokens written (${guide.depth} steps of ${guide.stepTokens} tokens, ${guide.breadth} of each of ${guide.beam} beginnings)`
      : `at the most ${written} tokens written (${evaluation.samples} answers a question, ${evaluation.maxTokens} tokens each)`,
  ];
  const record = { questions: questions.length, tokens: read, most_written_tokens: written };
  const size = here === undefined ? undefined : modelSize(here);
  if (size === undefined) return { lines, record };
  const ranking = guide && guide.value !== here ? modelSize(guide.value) : undefined;
  const values = guide ? forward(ranking ?? size, valued(guide) * (read + written)) : 0;
  const seconds = (forward(size, read + written) + values) / (await machineSpeed(plan.engine)());
  const bytes = generationBytes(size) + 4 * (ranking?.parameters ?? 0);
  return {
    lines: [...lines, `${showBytes(bytes)} of memory at the most, ${showTime(seconds)} at the most on this machine`],
    record: { ...record, memory_bytes: bytes, minutes: Number((seconds / 60).toPrecision(3)) },
  };
}

/** Tokens that a question's search draws at the most: one beginning at first, then as many as are kept. */
const searched = ({ beam, breadth, depth, stepTokens }: GuidePlan): number =>
  stepTokens * breadth * (1 + (depth - 1) * beam);

/** How often a token is read by who ranks, in the mean: every step is read with all that stands before it. */
const valued = ({ depth }: GuidePlan): number => (depth + 1) / 2;
