/**
 * The ids a model reads for a prompt: bos first, where the tokenizer has one and the text doesn't begin with it. Training
 * rows begin the same way (`tokenizeTrajectory` of `@svo/data`); without it a model meets a text it was never taught.
 * @example
 * ```ts
 * import { promptIds } from '@svo/mdp';
 * [promptIds({ bosId: 1 }, [5, 6]), promptIds({ bosId: 1 }, [1, 5]), promptIds({}, [5])]; // => [[1, 5, 6], [1, 5], [5]]
 * ```
 */
export const promptIds = ({ bosId }: { readonly bosId?: number }, ids: readonly number[]): number[] =>
  bosId === undefined || ids[0] === bosId ? [...ids] : [bosId, ...ids];
