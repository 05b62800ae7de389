import type { TensorData } from '@svo/files';
import { blankLineFormat } from '@svo/mdp';
import { collate } from '../batches/collate.ts';
import type { CollateOptions } from '../batches/layout.ts';
import type { Example } from './example.ts';
import { type TokenizeOptions, tokenizeTrajectory } from './tokenize.ts';
import type { Tokenizer } from './tokenizer.ts';

/** A labelled completion as an example: KTO's row. The whole completion is step 0. */
export interface UnpairedExample {
  readonly example: Example;
  /** Whether the completion is desirable. */
  readonly label: boolean;
}

/** Labelled completions and the mismatched ones from which KTO estimates its KL term. */
export interface UnpairedBatch {
  /** Token ids and scored tokens of the completions [B, T]. */
  readonly ids: TensorData<Int32Array>;
  readonly stepIds: TensorData<Int32Array>;
  /** 1 desirable, 0 not [B]. */
  readonly labels: TensorData<Float32Array>;
  /** Each prompt with another row's completion [B, T′]. */
  readonly klIds: TensorData<Int32Array>;
  readonly klStepIds: TensorData<Int32Array>;
  /** log π_ref of the completions [B]; NaN where it is not known. */
  readonly referenceLogps: TensorData<Float32Array>;
  /** Tokens of each row before padding [B]. */
  readonly lengths: readonly number[];
  /** Whole steps that truncation cut off each row [B]. */
  readonly droppedSteps: readonly number[];
}

/**
 * A labelled completion (TRL's unpaired row, read) as tokens; delimiters and EOS are scored, as in TRL.
 *
 * @throws RangeError when decoding doesn't give the text back
 * @example
 * ```ts
 * import { tokenizeUnpaired } from '@svo/data';
 * const bytes = { encode: (text: string) => [...Buffer.from(text)], decode: (ids: readonly number[]) => Buffer.from(ids).toString(), padId: 0 };
 * tokenizeUnpaired({ prompt: '2+3?', completion: '5', label: true }, bytes).example.stepIds; // => [-1, -1, -1, -1, 0]
 * ```
 */
export function tokenizeUnpaired(
  row: { readonly prompt: string; readonly completion: string; readonly label: boolean },
  tokenizer: Tokenizer,
  options: TokenizeOptions = {},
): UnpairedExample {
  const trajectory = { prompt: row.prompt, steps: [row.completion], credits: [0], terminal: true };
  const format = options.format ?? blankLineFormat;
  return {
    example: tokenizeTrajectory(trajectory, tokenizer, { scoreDelimiters: true, ...options, format }),
    label: row.label,
  };
}

/** Where the completion begins: at the first scored token. */
const promptLength = ({ stepIds }: Example): number => {
  const first = stepIds.findIndex((step) => step >= 0);
  return first === -1 ? stepIds.length : first;
};

/**
 * For each example its prompt with the completion of another: KTO's mismatched pairs, from which it estimates how far the
 * policy is from the reference. Rows are ordered by prompt and shifted by the size of the largest group, so that no row
 * meets a completion of its own prompt as long as no prompt has more than half of the rows; a row never meets its own.
 *
 * @returns as many examples as were given, in their order
 * @throws RangeError for fewer than two rows: one can only be paired with itself
 * @example
 * ```ts
 * import { mismatchedExamples } from '@svo/data';
 * const row = (prompt: number, answer: number) => ({ ids: [prompt, answer], stepIds: [-1, 0], credits: [0], terminal: true });
 * mismatchedExamples([row(1, 5), row(2, 6), row(3, 7)]).map(({ ids }) => ids); // => [[1, 6], [2, 7], [3, 5]]
 * ```
 */
export function mismatchedExamples(examples: readonly Example[]): Example[] {
  if (examples.length < 2) {
    throw new RangeError(
      `mismatchedExamples: examples must hold at least two, got ${examples.length} (a completion mismatched with its own prompt gives a KL of the wrong thing; use a larger batch)`,
    );
  }
  const cuts = examples.map(promptLength);
  const groups = new Map<string, number[]>();
  examples.forEach(({ ids }, row) => {
    const prompt = ids.slice(0, cuts[row]).join();
    const group = groups.get(prompt);
    if (group === undefined) groups.set(prompt, [row]);
    else group.push(row);
  });
  const order = [...groups.values()].flat();
  const largest = [...groups.values()].reduce((most, { length }) => Math.max(most, length), 0);
  // When all rows share one prompt a shift by their number would be none at all.
  const shift = largest === order.length ? 1 : largest;
  const partner = new Map(order.map((row, place) => [row, order[(place + shift) % order.length]!]));
  return examples.map((example, row) => {
    const other = partner.get(row)!;
    const { ids, stepIds, terminal } = examples[other]!;
    return {
      ids: [...example.ids.slice(0, cuts[row]), ...ids.slice(cuts[other])],
      stepIds: [...example.stepIds.slice(0, cuts[row]), ...stepIds.slice(cuts[other])],
      credits: [0],
      terminal,
    };
  });
}

const column = (values: readonly number[]): TensorData<Float32Array> => ({
  data: Float32Array.from(values),
  shape: [values.length],
});

/**
 * Labelled completions as one padded batch, with their mismatched pairs beside them.
 *
 * @param rows at least two
 * @param options as for `collate`
 * @throws RangeError for fewer than two rows, an inconsistent example, or one longer than a fixed size
 * @example
 * ```ts
 * import { collateUnpaired } from '@svo/data';
 * const row = (prompt: number, answer: number, label: boolean) => ({ example: { ids: [prompt, answer], stepIds: [-1, 0], credits: [0], terminal: true }, label });
 * const batch = collateUnpaired([row(1, 5, true), row(2, 6, false)], { padId: 0 });
 * [...batch.labels.data]; // => [1, 0]
 * [...batch.klIds.data]; // => [1, 6, 2, 5]
 * ```
 */
export function collateUnpaired(rows: readonly UnpairedExample[], options: CollateOptions): UnpairedBatch {
  const examples = rows.map(({ example }) => example);
  const mismatched = collate(mismatchedExamples(examples), options);
  const { ids, stepIds, lengths, droppedSteps } = collate(examples, options);
  return {
    ids,
    stepIds,
    labels: column(rows.map(({ label }) => Number(label))),
    klIds: mismatched.ids,
    klStepIds: mismatched.stepIds,
    referenceLogps: column(examples.map(({ referenceLogps }) => referenceLogps?.[0] ?? Number.NaN)),
    lengths,
    droppedSteps,
  };
}
