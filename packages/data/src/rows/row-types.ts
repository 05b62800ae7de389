import type { Message } from '@svo/mdp';

export type { Message };
/** A row's text: plain, or the messages of a conversation (TRL's conversational form, under the same keys). */
export type TextOrMessages = string | readonly Message[];

/** A `Draw` of `@svo/mdp` in a row's words: the model's own token ids of a step, and the log-prob (nats) of each. */
export interface DrawColumn {
  readonly token_ids: readonly number[];
  readonly logps: readonly number[];
}

/** TRL's stepwise row; the optional columns are ours, and without them a valid TRL row is left. */
export interface StepwiseRow {
  readonly prompt: TextOrMessages;
  readonly completions: readonly string[];
  readonly labels: readonly (boolean | number)[];
  /** V(s_0) … V(s_T), one more than completions. */
  readonly values?: readonly number[] | undefined;
  /** c_t, one a completion (DVO's name for them). */
  readonly q_credits?: readonly number[] | undefined;
  readonly visits?: readonly number[] | undefined;
  readonly reference_logps?: readonly number[] | undefined;
  /** What was drawn for each completion, null where it is not known. */
  readonly draws?: readonly (DrawColumn | null)[] | undefined;
  readonly reward?: number | undefined;
  readonly question_id?: string | undefined;
}

/** TRL's preference row; without `prompt` it is in what chosen and rejected have in common. The optional columns are ours. */
export interface PreferenceRow {
  readonly prompt?: TextOrMessages | undefined;
  readonly chosen: TextOrMessages;
  readonly rejected: TextOrMessages;
  readonly kind?: 'sibling' | 'cousin' | 'terminal' | undefined;
  readonly chosen_prefix?: readonly string[] | undefined;
  readonly rejected_prefix?: readonly string[] | undefined;
  readonly chosen_value?: number | undefined;
  readonly rejected_value?: number | undefined;
  /** What was drawn for each step of the prefix and then for the step, null where it is not known. */
  readonly chosen_draws?: readonly (DrawColumn | null)[] | undefined;
  readonly rejected_draws?: readonly (DrawColumn | null)[] | undefined;
  readonly question_id?: string | undefined;
}

/** TRL's unpaired preference row (KTO). */
export interface UnpairedRow {
  readonly prompt: TextOrMessages;
  readonly completion: TextOrMessages;
  readonly label: boolean;
  /** What was drawn for each step of the completion, null where it is not known. */
  readonly draws?: readonly (DrawColumn | null)[] | undefined;
  readonly question_id?: string | undefined;
}

/** TRL's prompt-completion row. */
export interface PromptCompletionRow {
  readonly prompt: TextOrMessages;
  readonly completion: TextOrMessages;
  /** What was drawn for each step of the completion, null where it is not known. */
  readonly draws?: readonly (DrawColumn | null)[] | undefined;
  readonly question_id?: string | undefined;
}

/** TRL's conversational language-modelling row: every assistant's turn is an answer. */
export interface MessagesRow {
  readonly messages: readonly Message[];
  readonly question_id?: string | undefined;
}

/** TRL's language-modelling row: all of the text is learned. */
export interface TextRow {
  readonly text: string;
  readonly question_id?: string | undefined;
}

/** TRL's prompt-only row. */
export interface PromptRow {
  readonly prompt: TextOrMessages;
  readonly question_id?: string | undefined;
}

/** Step-DPO's row (2406.18629; the Math-Step-DPO-10K data set): two next steps after the same initial ones. */
export interface StepDpoRow {
  readonly prompt: string;
  readonly initial_reason_steps: string;
  readonly chosen: string;
  readonly rejected: string;
}

/** DVO's row: `q_credits` are c_t, one a completion; `acc` says whether the answer is right. */
export interface DvoRow {
  readonly prompt: string;
  readonly completions: readonly string[];
  readonly q_credits: readonly number[];
  readonly acc?: boolean | number | undefined;
}

/** OREO's row: a whole response with its reward, 0 or 1. */
export interface OreoRow {
  readonly prompt: string;
  readonly response: string;
  readonly reward: number;
}
