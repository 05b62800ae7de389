import type { Estimate } from '../commands/command.ts';
import { isLocal } from '../models/place.ts';
import type { SearchPlan } from '../plans/search-plan.ts';
import { questionsFor } from '../stages/questions.ts';
import { forward, generationBytes, machineSpeed, type Speed, showBytes, showTime } from './cost.ts';
import { modelSize } from './model-size.ts';
import { tokenCounter } from './tokens.ts';

/** What a search will take at the most: every step as long as it may be. */
export async function searchEstimate(
  plan: Omit<SearchPlan, 'out' | 'seed'>,
  speed: Speed = machineSpeed(plan.engine),
): Promise<Estimate> {
  const { place, search } = plan;
  const questions = await questionsFor(
    { ...plan.questions, prompt: { ...plan.questions.prompt, chat: false } },
    undefined,
  );
  const { from, iterations, breadth, draws, depth, stepTokens } = search;
  const requests = questions.length * (from === 'trees' ? iterations : 1);
  const written = questions.length * stepTokens * (from === 'trees' ? iterations * breadth : draws * depth);
  const lines = [
    `${questions.length} questions: ${requests} requests, at the most ${written} tokens drawn (${from === 'trees' ? `${iterations} leaves of ${breadth} steps a question, ${stepTokens} tokens each` : `${draws} solutions a question, ${depth * stepTokens} tokens each`})`,
  ];
  const record = { questions: questions.length, requests, most_written_tokens: written };
  if (!isLocal(place)) return { lines, record };
  const size = modelSize(place.path);
  if (size === undefined) return { lines, record };
  const { count } = await tokenCounter(place.path);
  const prompts = questions.reduce((sum, { prompt }) => sum + count(prompt), 0);
  const seconds = forward(size, prompts + written) / (await speed());
  const bytes = generationBytes(size);
  return {
    lines: [...lines, `${showBytes(bytes)} of memory and ${showTime(seconds)} at the most on this machine`],
    record: { ...record, memory_bytes: bytes, minutes: Number((seconds / 60).toPrecision(3)) },
  };
}
