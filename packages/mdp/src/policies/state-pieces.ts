/** A question and its steps as token ids, encoded piece by piece with a memory for pieces seen before. */
import type { Question, State } from '../types.ts';
import { promptIds } from './prompt-ids.ts';

/** What is asked of a tokenizer; those of `@svo/models` are some. */
export interface StateTokenizer {
  /** Ids of a text, without special tokens. */
  readonly encode: (text: string) => readonly number[];
  /** The same with the part of the text that each stands for, [start, end). */
  readonly encodeWithOffsets?: (text: string) => {
    readonly ids: readonly number[];
    readonly offsets: readonly (readonly [start: number, end: number])[];
  };
  /** The text that ids add behind something; `''` for special tokens. */
  readonly continuation: (ids: readonly number[]) => string;
  readonly bosId?: number;
  /** Every token at which a text ends. */
  readonly endIds: readonly number[];
}

/** How many texts a memory holds before it starts over; a search repeats its steps, so most are found. */
const mostPieces = 100_000;

const withoutEnd = ({ endIds }: StateTokenizer, ids: readonly number[]): readonly number[] =>
  ids.length > 0 && endIds.includes(ids.at(-1)!) ? ids.slice(0, -1) : ids;

/** A function of a text that keeps what it gave. */
const remembering = <Value>(of: (text: string) => Value): ((text: string) => Value) => {
  const known = new Map<string, Value>();
  return (text) => {
    if (!known.has(text)) {
      if (known.size >= mostPieces) known.clear();
      known.set(text, of(text));
    }
    return known.get(text)!;
  };
};

/**
 * A text's tokens where it follows another, when by itself it would be tokenised as a beginning (legacy SentencePiece puts a space mark
 * in front): those of the whole that begin in it; nothing where a token of the whole reaches from one into the other.
 */
const behind = (tokenizer: StateTokenizer, before: string, text: string): readonly number[] | undefined => {
  const whole = tokenizer.encodeWithOffsets?.(before + text);
  if (whole === undefined) return undefined;
  const { ids, offsets } = whole;
  const border = before.length;
  if (offsets.some(([start, end]) => start < border && end > border)) return undefined;
  return ids.filter((_, at) => offsets[at]![0] >= border);
};

/**
 * A function from a question and a state to ids, the prompt's and then each step's: bos where the tokenizer has one and the prompt
 * doesn't begin with it, the prompt, then each step: the ids that were drawn for it where the state knows them and they spell it in this
 * tokenizer, else its text's. Steps are encoded apart, as `@svo/data` does for training, so that a prefix's ids never depend on what follows
 * it; where a step's tokens would not spell it behind other text, they are taken from the whole text's.
 *
 * @throws RangeError, from the function, when a state belongs to another question
 * @example
 * ```ts
 * import { statePieces } from '@svo/mdp';
 * const tokenizer = {
 *   encode: (text: string) => [...text].map((letter) => letter.charCodeAt(0)),
 *   continuation: (ids: readonly number[]) => String.fromCharCode(...ids),
 *   endIds: [],
 * };
 * const question = { id: 'q', prompt: '1+2' };
 * statePieces(tokenizer)({ question, state: { questionId: 'q', steps: ['=', '3'] } }); // => [[49, 43, 50], [61], [51]]
 * ```
 */
export function statePieces(
  tokenizer: StateTokenizer,
): (of: { readonly question: Question; readonly state: State }) => (readonly number[])[] {
  const encode = remembering((text) => tokenizer.encode(text));
  // A search asks for every prefix of a response: without a memory each would tokenise all that is before it once more.
  const encodeBehind = remembering((place) => {
    const border = Number.parseInt(place, 10);
    const text = place.slice(place.indexOf(' ') + 1);
    return behind(tokenizer, text.slice(0, border), text.slice(border));
  });
  const spells = (ids: readonly number[], text: string): boolean => tokenizer.continuation(ids) === text;
  const following = (before: string, step: string): readonly number[] => {
    const alone = encode(step);
    return spells(alone, step) ? alone : (encodeBehind(`${before.length} ${before}${step}`) ?? alone);
  };
  return ({ question, state }) => {
    if (question.id !== state.questionId)
      throw new RangeError(`statePieces: state must belong to question '${question.id}', got '${state.questionId}'`);
    const pieces: (readonly number[])[] = [promptIds(tokenizer, encode(question.prompt))];
    let before = question.prompt;
    for (const [index, step] of state.steps.entries()) {
      const drawn = withoutEnd(tokenizer, state.draws?.[index]?.tokenIds ?? []);
      pieces.push(drawn.length > 0 && spells(drawn, step) ? drawn : following(before, step));
      before += step;
    }
    return pieces;
  };
}
