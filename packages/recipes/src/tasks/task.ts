import type { StepFormat, Verifier } from '@svo/mdp';

/** A question as a data set's row asks it. */
export interface TaskRow {
  /** The row's own name, where it has one. */
  readonly id?: string | number;
  readonly prompt: string;
  /** What `verifier` compares with; absent where the data set keeps it secret. */
  readonly answer?: string;
}

/**
 * What there is to know of a task: how its rows are read, how it is asked, what a step is, and who judges. Plain values: spread one and change what
 * is different, or write your own.
 */
export interface Task {
  readonly name: string;
  /** A row of the data set, as it is published, as a question. @throws RangeError saying what the row lacks */
  readonly read: (row: Readonly<Record<string, unknown>>) => TaskRow;
  /** The text a model continues, or the user's turn of a chat, with `{question}` where the question stands. */
  readonly template: string;
  /** How a response is cut into steps, and where it ends. */
  readonly format: StepFormat;
  readonly verifier: Verifier;
}
