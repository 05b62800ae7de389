/**
 * The state of a node in one byte: two bits say what it is, three how it ended, three are marks.
 *
 * | bits | meaning |
 * |---|---|
 * | 0–1 | {@link OPEN}, {@link IN_FLIGHT}, {@link EXPANDED}, {@link TERMINAL} |
 * | 2–4 | outcome of a terminal; on an expanded node `correct` says that a correct terminal lies below (solved) |
 * | 5 | {@link CLOSED}: no open leaf below, the subtree is exhausted |
 * | 6 | {@link BLOCKED}: every open leaf below is out with the model |
 * | 7 | {@link ESTIMATED}: a value model gave the node a value before its first visit |
 */

/** How a terminal node ended. A failure is an outcome like any other, and {@link Rewards} says what each is worth. */
export type Outcome =
  /** An answer that the verifier found equivalent. */
  | 'correct'
  /** An answer that is not, or no answer where one was due. */
  | 'wrong'
  /** An answer the verifier could not decide, or that nobody judged. */
  | 'undecided'
  /** The model ran out of tokens in the middle of the step. */
  | 'cut'
  /** Still no answer at the depth limit. */
  | 'deep'
  /** The model wrote something that is not a step: nothing, something unparsable, or too much. */
  | 'unusable'
  /** Nothing came from the model: a server, the way to it, or a reply without sense. Says nothing about the step. */
  | 'lost';

/** The outcomes in the order of their codes; code 0 is "none yet". */
export const OUTCOMES: readonly (Outcome | undefined)[] = [
  undefined,
  'correct',
  'wrong',
  'undecided',
  'cut',
  'deep',
  'unusable',
  'lost',
];

export const OPEN = 0;
export const IN_FLIGHT = 1;
export const EXPANDED = 2;
export const TERMINAL = 3;
export const KIND = 3;

const OUTCOME_SHIFT = 2;
const OUTCOME_MASK = 7 << OUTCOME_SHIFT;
/** The bits of "a correct terminal here or below". */
export const CORRECT: number = 1 << OUTCOME_SHIFT;

export const CLOSED: number = 1 << 5;
export const BLOCKED: number = 1 << 6;
export const ESTIMATED: number = 1 << 7;
/** Either mark keeps a node out of selection. */
export const UNAVAILABLE: number = CLOSED | BLOCKED;

/** The status bits of an outcome. */
export function outcomeBits(outcome: Outcome): number {
  return OUTCOMES.indexOf(outcome) << OUTCOME_SHIFT;
}

/** The outcome in a status byte, `undefined` for none. */
export function outcomeIn(status: number): Outcome | undefined {
  return OUTCOMES[(status & OUTCOME_MASK) >> OUTCOME_SHIFT];
}

/** The status with its outcome bits replaced; `undefined` clears them. */
export function withOutcome(status: number, outcome: Outcome | undefined): number {
  return (status & ~OUTCOME_MASK) | (outcome === undefined ? 0 : outcomeBits(outcome));
}
