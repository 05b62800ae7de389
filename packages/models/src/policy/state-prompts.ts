/** A question and its steps as token ids, encoded piece by piece with a memory for pieces seen before. */
import type { Question, State } from '@svo/mdp';
import { promptIds } from '../generation/prompt-ids.ts';
import type { Tokenizer } from '../tokenizer/types.ts';

/** How many texts a memory holds before it starts over; a search repeats its steps, so most are found. */
const mostPieces = 100_000;

/** Whether ids spell a text where it follows other text; special tokens spell nothing. */
export const spells = (tokenizer: Tokenizer, ids: readonly number[], text: string): boolean =>
  tokenizer.continuation(ids) === text;

const withoutEnd = ({ endIds }: Tokenizer, ids: readonly number[]): readonly number[] =>
  ids.length > 0 && endIds.includes(ids.at(-1)!) ? ids.slice(0, -1) : ids;

/**
 * A text's tokens where it follows another, when by itself it would be tokenised as a beginning (legacy SentencePiece puts a space mark
 * in front): those of the whole that begin in it; nothing where a token of the whole reaches from one into the other.
 */
const behind = (tokenizer: Tokenizer, before: string, text: string): readonly number[] | undefined => {
  const { ids, offsets } = tokenizer.encodeWithOffsets(before + text);
  const border = before.length;
  if (offsets.some(([start, end]) => start < border && end > border)) return undefined;
  return ids.filter((_, at) => offsets[at]![0] >= border);
};

/**
 * A function from a question and a state to ids: bos where the tokenizer has one and the prompt doesn't begin with it,
 * the prompt, then each step: the ids that were drawn for it where the state knows them and they spell it in this tokenizer, else
 * its text's. Steps are encoded apart, as `@svo/data` does for training, so that a prefix's ids never
 * depend on what follows it; where a step's tokens would not spell it behind other text, they are taken from the whole text's.
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
  const following = (before: string, step: string): readonly number[] => {
    const alone = encode(step);
    return spells(tokenizer, alone, step) ? alone : (behind(tokenizer, before, step) ?? alone);
  };
  return ({ question, state }) => {
    if (question.id !== state.questionId)
      throw new RangeError(`statePrompts: state must belong to question '${question.id}', got '${state.questionId}'`);
    const ids = promptIds(tokenizer, encode(question.prompt));
    let before = question.prompt;
    for (const [index, step] of state.steps.entries()) {
      const drawn = withoutEnd(tokenizer, state.draws?.[index]?.tokenIds ?? []);
      const spelt = drawn.length > 0 && spells(tokenizer, drawn, step);
      for (const id of spelt ? drawn : following(before, step)) ids.push(id);
      before += step;
    }
    return ids;
  };
};
