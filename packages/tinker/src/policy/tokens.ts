/** A question and its steps as token ids, as `localPolicy` of `@svo/models` reads them. */
import type { Question, State } from '@svo/mdp';

/** What is used of a tokenizer of `@svo/models`. */
export interface PolicyTokenizer {
  readonly encode: (text: string) => readonly number[];
  /** The text that ids add behind something; `''` for special tokens. */
  readonly continuation: (ids: readonly number[]) => string;
  readonly bosId?: number;
  readonly endIds: readonly number[];
}

/** Ids, and how many of them each part has: the prompt, then each step. */
export interface StateTokens {
  readonly ids: number[];
  readonly lengths: readonly number[];
}

/** Pieces are encoded apart; what was drawn is read as it was drawn. Throws RangeError for a state of another question. */
export function stateTokens(
  caller: string,
  tokenizer: PolicyTokenizer,
  { question, state }: { readonly question: Question; readonly state: State },
): StateTokens {
  if (question.id !== state.questionId)
    throw new RangeError(`${caller}: state must belong to question '${question.id}', got '${state.questionId}'`);
  const { bosId, endIds } = tokenizer;
  const prompt = tokenizer.encode(question.prompt);
  const pieces = [bosId === undefined || prompt[0] === bosId ? prompt : [bosId, ...prompt]];
  for (const [index, step] of state.steps.entries()) {
    const drawn = state.draws?.[index]?.tokenIds ?? [];
    const whole = drawn.length > 0 && endIds.includes(drawn.at(-1)!) ? drawn.slice(0, -1) : drawn;
    const exact = whole.length > 0 && tokenizer.continuation(whole) === step;
    pieces.push(exact ? whole : tokenizer.encode(step));
  }
  return { ids: pieces.flat(), lengths: pieces.map(({ length }) => length) };
}
