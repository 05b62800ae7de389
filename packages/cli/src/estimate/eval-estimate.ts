import type { Estimate } from '../commands/command.ts';
import { isLocal } from '../models/place.ts';
import type { EvalPlan } from '../plans/eval-plan.ts';
import { questionsFor } from '../stages/questions.ts';
import { forward, generationBytes, machineSpeed, showBytes, showTime } from './cost.ts';
import { modelSize } from './model-size.ts';
import { tokenCounter } from './tokens.ts';

/** What a measurement will take at the most: every answer as long as it may be. */
export async function evalEstimate(plan: EvalPlan): Promise<Estimate> {
  const { place, evaluation } = plan;
  const questions = await questionsFor(
    { ...plan.questions, prompt: { ...plan.questions.prompt, chat: false } },
    undefined,
  );
  const { tokenizer, count } = await tokenCounter(isLocal(place) ? place.path : '');
  const read = questions.reduce((sum, { prompt }) => sum + count(prompt), 0);
  const written = questions.length * evaluation.samples * evaluation.maxTokens;
  const lines = [
    `${questions.length} questions, ${tokenizer ? '' : 'about '}${read} tokens`,
    `at the most ${written} tokens written (${evaluation.samples} answers a question, ${evaluation.maxTokens} tokens each)`,
  ];
  const record = { questions: questions.length, tokens: read, most_written_tokens: written };
  const size = isLocal(place) ? modelSize(place.path) : undefined;
  if (size === undefined) return { lines, record };
  const seconds = forward(size, read + written) / (await machineSpeed(plan.engine)());
  const bytes = generationBytes(size);
  return {
    lines: [...lines, `${showBytes(bytes)} of memory at the most, ${showTime(seconds)} at the most on this machine`],
    record: { ...record, memory_bytes: bytes, minutes: Number((seconds / 60).toPrecision(3)) },
  };
}
