import { checkTokenizeOptions, type TokenizeOptions } from './assemble.ts';
import { completionExample, type TokenizableCompletion } from './completions.ts';
import { type Example, stepOf } from './example.ts';
import type { TokenizerLike } from './tokenizer.ts';

/** A labelled completion as an example: KTO's row. The whole completion is step 0. */
export interface UnpairedExample {
  readonly example: Example;
  /** Whether the completion is desirable. */
  readonly label: boolean;
}

/**
 * A labelled completion (TRL's unpaired row, read) as tokens; delimiters and one EOS are scored, as in TRL. `scored` and `draws`
 * are as in `tokenizeCompletion`.
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
  row: TokenizableCompletion & { readonly label: boolean },
  tokenizer: TokenizerLike,
  options: TokenizeOptions = {},
): UnpairedExample {
  checkTokenizeOptions('tokenizeUnpaired', options);
  return { example: completionExample(row, tokenizer, options), label: row.label };
}

/**
 * Mismatched examples for rows of a fixed length: a prompt with a longer row's completion may be too long, though every row fits. Its last
 * tokens go, as the KL term is an estimate from any completion, and no row of the data is lost by it.
 */
export const mismatchedWithin = (examples: readonly Example[], length: number = Number.POSITIVE_INFINITY): Example[] =>
  mismatchedExamples(examples).map((one) =>
    one.ids.length <= length
      ? one
      : { ...one, ids: one.ids.slice(0, length), stepIds: one.stepIds.slice(0, length), terminal: false },
  );

/** Where the completion begins: at the first scored token. */
const promptLength = (example: Example): number => {
  const first = example.stepIds.findIndex((_, at) => stepOf(example, at) >= 0);
  return first === -1 ? example.stepIds.length : first;
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
