/** A question and its steps as token ids, encoded piece by piece with a memory for pieces seen before. */
import type { Question, State } from '@svo/mdp';
import { promptIds } from '../generation/prompt-ids.ts';
import type { Tokenizer } from '../tokenizer/types.ts';

/** How many texts a memory holds before it starts over; a search repeats its steps, so most are found. */
const mostPieces = 100_000;

/**
 * A function from a question and a state to ids: bos where the tokenizer has one and the prompt doesn't begin with it,
 * the prompt, then each step. Steps are encoded apart, as `@svo/data` does for training, so that a prefix's ids never
 * depend on what follows it.
 *
 * @throws RangeError, from the function, when a state belongs to another question
 */
export const statePrompts = (
  tokenizer: Tokenizer,
): ((of: { readonly question: Question; readonly state: State }) => number[]) => {
  const known = new Map<string, readonly number[]>();
  const encode = (text: string): readonly number[] => {
    const found = known.get(text);
    if (found) return found;
    if (known.size >= mostPieces) known.clear();
    const ids = tokenizer.encode(text);
    known.set(text, ids);
    return ids;
  };
  return ({ question, state }) => {
    if (question.id !== state.questionId)
      throw new RangeError(`statePrompts: state must belong to question '${question.id}', got '${state.questionId}'`);
    const ids = promptIds(tokenizer, encode(question.prompt));
    for (const step of state.steps) for (const id of encode(step)) ids.push(id);
    return ids;
  };
};
