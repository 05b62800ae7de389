import { assertOptions } from '@svo/mdp';
import type { Example } from './example.ts';

/** An example that fits, or none when not even its first step does; and what had to go. */
export interface Truncation {
  readonly example: Example | undefined;
  readonly droppedSteps: number;
  readonly droppedTokens: number;
}

/** Where each step and its delimiter end: before the next scored step's first token, or at the end of the example. */
const stepEnds = ({ stepIds, credits }: Example): number[] => {
  const ends = new Array<number>(credits.length).fill(stepIds.length);
  for (let at = stepIds.length - 1; at >= 0; at--) {
    const step = stepIds[at]!;
    for (let before = step - 1; before >= 0 && ends[before]! > at; before--) ends[before] = at;
  }
  return ends;
};

/**
 * Drops whole trailing steps, with their credits and reference log-probs, until the example fits. A step is never cut in
 * two, and a shortened example is no longer terminal, has no EOS, and remembers how many steps it lost, from which
 * training reports `truncated/fraction`.
 *
 * @param options `maxLength` in tokens, `maxSteps` in steps; no limit by default
 * @returns the example (unchanged when it fits; `undefined` when prompt and first step are too long) and the counts dropped
 * @throws RangeError when a limit is below 1
 * @example
 * ```ts
 * import { truncateSteps } from '@svo/data';
 * const example = { ids: [7, 8, 9, 10, 11], stepIds: [-1, 0, 0, 1, 1], credits: [0.5, 0.25], terminal: false };
 * const { example: shorter, droppedTokens } = truncateSteps(example, { maxLength: 4 });
 * shorter?.credits; // => [0.5]
 * droppedTokens; // => 2
 * ```
 */
export function truncateSteps(
  example: Example,
  options: { readonly maxLength?: number; readonly maxSteps?: number },
): Truncation {
  assertOptions('truncateSteps', options, ['maxLength', 'maxSteps']);
  const { maxLength = Number.POSITIVE_INFINITY, maxSteps = Number.POSITIVE_INFINITY } = options;
  if (!(maxLength >= 1)) throw new RangeError(`truncateSteps: maxLength must be at least 1, got ${maxLength}`);
  if (!(maxSteps >= 1)) throw new RangeError(`truncateSteps: maxSteps must be at least 1, got ${maxSteps}`);
  const { ids, stepIds, credits, referenceLogps, behaviorLogps } = example;
  if (ids.length <= maxLength && credits.length <= maxSteps) return { example, droppedSteps: 0, droppedTokens: 0 };
  const ends = stepEnds(example);
  const kept = ends.findLastIndex((end, step) => end <= maxLength && step < maxSteps) + 1;
  if (kept === 0) return { example: undefined, droppedSteps: credits.length, droppedTokens: ids.length };
  const end = ends[kept - 1]!;
  return {
    example: {
      ids: ids.slice(0, end),
      stepIds: stepIds.slice(0, end),
      credits: credits.slice(0, kept),
      terminal: false,
      droppedSteps: (example.droppedSteps ?? 0) + credits.length - kept,
      ...(referenceLogps && { referenceLogps: referenceLogps.slice(0, kept) }),
      ...(behaviorLogps && { behaviorLogps: behaviorLogps.slice(0, end) }),
    },
    droppedSteps: credits.length - kept,
    droppedTokens: ids.length - end,
  };
}

/**
 * {@link truncateSteps} over a data set: the examples that are left, in order, the indices of those of
 * which not even the first step fits, and the sums of what was dropped. Nothing vanishes without being counted: look at them.
 *
 * @throws RangeError when a limit is below 1
 * @example
 * ```ts
 * import { truncateExamples } from '@svo/data';
 * const long = { ids: [7, 8, 9], stepIds: [-1, 0, 0], credits: [0.5], terminal: false };
 * truncateExamples([long, long], { maxLength: 2 }); // => { examples: [], dropped: [0, 1], droppedExamples: 2, droppedSteps: 2, droppedTokens: 6 }
 * ```
 */
export function truncateExamples(
  examples: readonly Example[],
  options: { readonly maxLength?: number; readonly maxSteps?: number },
): {
  examples: Example[];
  dropped: number[];
  droppedExamples: number;
  droppedSteps: number;
  droppedTokens: number;
} {
  assertOptions('truncateExamples', options, ['maxLength', 'maxSteps']);
  const results = examples.map((example) => truncateSteps(example, options));
  const kept = results.flatMap(({ example }) => (example === undefined ? [] : [example]));
  const dropped = results.flatMap(({ example }, index) => (example === undefined ? [index] : []));
  return {
    examples: kept,
    dropped,
    droppedExamples: dropped.length,
    droppedSteps: results.reduce((sum, { droppedSteps }) => sum + droppedSteps, 0),
    droppedTokens: results.reduce((sum, { droppedTokens }) => sum + droppedTokens, 0),
  };
}
