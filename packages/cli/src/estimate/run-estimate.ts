import type { Estimate } from '../commands/command.ts';
import { isLocal } from '../models/place.ts';
import type { RunPlan } from '../plans/run-plan.ts';
import { questionsFor } from '../stages/questions.ts';
import { forward, machineSpeed, showBytes, showTime, training } from './cost.ts';
import { doubts, memoryOf } from './memory.ts';
import { modelSize } from './model-size.ts';
import { searchEstimate } from './search-estimate.ts';

/** What all rounds will take at the most: search, training and measurement, every step and answer as long as it may be. */
export async function runEstimate(plan: RunPlan): Promise<Estimate> {
  const { search, train, rounds, evaluation, model, engine } = plan;
  const { settings, lora } = train;
  const speed = machineSpeed(engine);
  const searched = await searchEstimate(plan, speed);
  const row = Math.min(settings.maxLength ?? Number.POSITIVE_INFINITY, search.depth * search.stepTokens);
  const updates = settings.epochs === undefined ? settings.updates : undefined;
  const trained = rounds * (updates ?? 0) * settings.batchSize * row;
  const asked = plan.test && (await questionsFor({ ...plan.test, prompt: { chat: false } }, undefined)).length;
  const answered = (asked ?? 0) * evaluation.samples * evaluation.maxTokens * (rounds + 1);
  const lines = [
    ...searched.lines,
    updates === undefined
      ? `${rounds} rounds of ${settings.epochs} passes over what the search finds`
      : `${rounds} rounds of ${updates} updates of ${settings.batchSize} rows: at the most ${trained} tokens trained on`,
    ...(asked === undefined ? [] : [`${asked} test questions, ${rounds + 1} times: at the most ${answered} tokens`]),
  ];
  const record = { ...searched.record, rounds, most_trained_tokens: trained, most_answer_tokens: answered };
  const size = plan.there ? undefined : modelSize(model);
  if (size === undefined) return { lines, record };
  const drawn = isLocal(plan.place) ? Number(searched.record.most_written_tokens) : 0;
  const seconds = (training(size, trained) + forward(size, drawn + answered)) / (await speed());
  const memory = memoryOf(model, size, { batch: settings.batchSize, length: row, run: 'train', lora });
  return {
    lines: [
      ...lines,
      `all in all at the most ${showBytes(memory.bytes)} of memory and ${showTime(seconds)} on this machine`,
      ...doubts(memory),
    ],
    record: {
      ...record,
      memory_bytes: Math.round(memory.bytes),
      does_not_fit: memory.reasons,
      minutes: Number((seconds / 60).toPrecision(3)),
    },
  };
}
