import type { Draw, Step } from '@svo/mdp';
import type { Generation } from '../generation/generation.ts';
import type { Tokenizer } from '../tokenizer/types.ts';

/**
 * Cuts what was generated for a whole response into the draws of its steps: each step gets the ids that spell it, and their
 * log-probs; special tokens at the end, such as the end of sequence, go to the last step. A step that begins or ends inside
 * a token was not drawn by itself, and neither can those behind it be told apart: they have none.
 *
 * @param steps the response's text, cut by a step format of `@svo/mdp`
 * @returns one entry a step
 * @example
 * ```ts
 * import { stepDraws, wordTokenizer } from '@svo/models';
 * const tokenizer = wordTokenizer({ words: ['1+1=2', '\n\n', '2'], pattern: '\n\n|[^\n]+' });
 * const generation = { ids: [4, 5, 6, 2], logps: [-0.5, -0.1, -0.2, 0], finish: 'end' };
 * stepDraws(tokenizer, generation, ['1+1=2\n\n', '2']).map((draw) => draw?.tokenIds); // => [[4, 5], [6, 2]]
 * ```
 */
export const stepDraws = (
  tokenizer: Tokenizer,
  { ids, logps }: Pick<Generation, 'ids' | 'logps'>,
  steps: readonly Step[],
): (Draw | undefined)[] => {
  const draws: (Draw | undefined)[] = steps.map(() => undefined);
  const spells = (ids: readonly number[], step: Step): boolean => tokenizer.continuation(ids) === step;
  let start = 0;
  for (const [t, step] of steps.entries()) {
    let end = t === steps.length - 1 ? ids.length : start + 1;
    while (end < ids.length && !spells(ids.slice(start, end), step)) end++;
    if (!spells(ids.slice(start, end), step)) break;
    draws[t] = { tokenIds: ids.slice(start, end), logps: logps.slice(start, end) };
    start = end;
  }
  return draws;
};
