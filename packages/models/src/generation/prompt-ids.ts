import type { Tokenizer } from '../tokenizer/types.ts';

/**
 * The ids a model reads for a prompt: bos first, where the tokenizer has one and the text doesn't begin with it. Training
 * rows begin the same way (`tokenizeTrajectory` of `@svo/data`); without it a model meets a text it was never taught.
 */
export const promptIds = (tokenizer: Tokenizer, ids: readonly number[]): number[] => {
  const { bosId } = tokenizer;
  return bosId === undefined || ids[0] === bosId ? [...ids] : [bosId, ...ids];
};
