import { rowMaterial, treeMaterial } from '@svo/recipes';
import type { Estimate } from '../commands/command.ts';
import type { TrainPlan } from '../plans/train-plan.ts';
import { readAll, readTrees } from '../stages/read-data.ts';
import { forward, machineSpeed, showBytes, showTime, training } from './cost.ts';
import { doubts, memoryOf } from './memory.ts';
import { modelSize } from './model-size.ts';
import { textOf, tokenCounter } from './tokens.ts';

/** What a training will take: tokens by its rows, memory and time by the model's size and this machine's speed. */
export async function trainEstimate(plan: TrainPlan): Promise<Estimate> {
  const { settings, lora, model } = plan;
  const counted = await countedRows(plan);
  const { rows, tokens, longest, sides, exact } = counted;
  const perEpoch = Math.floor(rows / settings.batchSize);
  const updates =
    settings.epochs === undefined
      ? perEpoch > 0
        ? settings.updates
        : 0
      : Math.max(1, Math.round(settings.epochs * perEpoch));
  const trained = rows === 0 ? 0 : Math.round((tokens / rows) * settings.batchSize * updates);
  const size = plan.there ? undefined : modelSize(model);
  const about = exact ? '' : 'about ';
  const lines = [
    `${rows} rows, ${about}${tokens} tokens (the longest row ${longest})`,
    `${updates} updates of ${settings.batchSize} rows: ${about}${trained} tokens trained on`,
  ];
  if (size === undefined)
    return {
      lines: [
        ...lines,
        plan.there
          ? `memory and time are those of ${plan.there.place.url}`
          : `${model} is not here: it is fetched from the Hub when the run begins`,
      ],
      record: { rows, tokens, updates, trained_tokens: trained },
    };
  const held = { batch: sides * settings.batchSize, length: Math.max(1, longest), run: 'train', lora } as const;
  const memory = memoryOf(model, size, held);
  const seconds = (training(size, trained) + forward(size, tokens)) / (await machineSpeed(plan.engine)());
  return {
    lines: [
      ...lines,
      `${(size.parameters / 1e6).toFixed(1)} million parameters: ${showBytes(memory.bytes)} of memory at the most`,
      `${showTime(seconds)} or more on this machine`,
      ...doubts(memory),
    ],
    record: {
      ...{ rows, tokens, updates, trained_tokens: trained, parameters: size.parameters },
      ...{
        memory_bytes: Math.round(memory.bytes),
        does_not_fit: memory.reasons,
        minutes: Number((seconds / 60).toPrecision(3)),
      },
    },
  };
}

/** Tokens of every row, of a pair both sides'. By the model's tokenizer and chat template where they are here, by letters elsewhere. */
async function countedRows({ data, trees, model, there, seed }: TrainPlan): Promise<Counted> {
  const { tokenizer, count } = await tokenCounter(there?.server.tokenizer ?? model);
  let [rows, tokens, longest, sides] = [0, 0, 0, 1];
  const add = (...texts: readonly string[]): void => {
    const all = texts.map(count);
    rows++;
    tokens += all.reduce((sum, one) => sum + one, 0);
    longest = Math.max(longest, ...all);
    sides = Math.max(sides, all.length);
  };
  if (trees || tokenizer !== undefined) {
    const material = trees
      ? treeMaterial(readTrees(data), { seed })
      : await rowMaterial(readAll(data), { tokenizer: tokenizer! });
    for (const { prompt, steps } of material.trajectories) add(prompt + steps.join(''));
    for (const { prompt, completion } of material.completions) add(prompt + completion);
    for (const { prompt, chosen, rejected } of material.pairs)
      add(
        ...[chosen, rejected].map(
          (side) => prompt + (typeof side === 'string' ? side : [...side.prefix, side.step].join('')),
        ),
      );
    return { rows, tokens, longest, sides, exact: tokenizer !== undefined };
  }
  for await (const row of readAll(data)) {
    const { prompt, chosen, rejected, completion, completions, messages, text, response } = row;
    const before = textOf(prompt);
    if (chosen !== undefined) add(...[chosen, rejected].map((side) => before + textOf(side)));
    else add(before + [completion, completions, messages, text, response].map(textOf).join(''));
  }
  return { rows, tokens, longest, sides, exact: false };
}

interface Counted {
  readonly rows: number;
  readonly tokens: number;
  readonly longest: number;
  /** Of a row: 2 where rows are pairs. */
  readonly sides: number;
  /** Counted by the model's tokenizer. */
  readonly exact: boolean;
}
