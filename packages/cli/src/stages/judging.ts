import type { Row } from '@svo/data';
import { equivalentOf, type Verifier } from '@svo/mdp';
import type { Task } from '@svo/recipes/tasks';
import type { ColumnsConfig } from '../config/config.ts';

/** A row with its verdict. */
export type JudgedRow = Row & RowVerdict;

/** Where a row's texts usually stand, the first that is there. */
export const usual = {
  prompt: ['prompt', 'question', 'problem'],
  answer: ['answer', 'solution', 'answerKey', 'target'],
  response: ['response', 'completion', 'completions', 'prediction'],
} as const;

/** What a row asks a judge, as text. */
export interface Asked {
  readonly id: string;
  readonly prompt: string;
  readonly answer: string | undefined;
  readonly response: string | undefined;
}

/** A verdict on a row. `correct` is null where the judge can't tell, or the row can't be judged. */
export interface RowVerdict {
  readonly correct: boolean | null;
  readonly how: string;
  readonly extracted?: string;
}

/**
 * What a row asks, found by the names of its columns.
 *
 * @param columns names of the columns; the usual ones without
 */
export function askedBy(row: Row, columns: ColumnsConfig = {}): Asked {
  const [prompt = '', answer, response] = (['prompt', 'answer', 'response'] as const).map((name) =>
    textAt(row, columns[name] === undefined ? usual[name] : [columns[name]]),
  );
  return { id: idOf(row, columns.id), prompt, answer, response };
}

/** The verdict on what a row asks. It never throws for what the row says: one that can't be judged says why. */
export function verdictOn({ id, prompt, answer, response }: Asked, verifier: Verifier): RowVerdict {
  if (response === undefined) return { correct: null, how: 'no response' };
  try {
    const verdict = verifier({ id, prompt, ...(answer !== undefined && { answer }) }, response);
    const equivalent = equivalentOf('the verifier', verdict);
    const { how, answer: extracted } = verdict;
    return { correct: equivalent ?? null, how, ...(extracted !== undefined && { extracted }) };
  } catch (error) {
    // A question that can't be judged at all: no answer to compare with, say.
    return { correct: null, how: error instanceof Error ? error.message : String(error) };
  }
}

/** The verdict on one row, beside what it holds. It never throws for what a row says. */
export const judgeRow = (
  row: Row,
  verifier: Verifier,
  columns: ColumnsConfig = {},
  task?: Pick<Task, 'read'>,
): JudgedRow => ({
  ...row,
  ...(task === undefined ? verdictOn(askedBy(row, columns), verifier) : byTask(row, verifier, columns, task)),
});

/** The verdict on a data set's own row with a response beside it. */
function byTask(row: Row, verifier: Verifier, columns: ColumnsConfig, { read }: Pick<Task, 'read'>): RowVerdict {
  const { response } = askedBy(row, columns);
  try {
    const { id = '', prompt, answer } = read(row);
    return verdictOn({ id: String(id), prompt, answer, response }, verifier);
  } catch (error) {
    return { correct: null, how: error instanceof Error ? error.message : String(error) };
  }
}

const idOf = (row: Row, column = 'id'): string => {
  const id = row[column] ?? row.question_id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
};

/** Text, a number, steps, or a conversation's last turn, as text. */
function textAt(row: Row, names: readonly string[]): string | undefined {
  const value = row[names.find((name) => row[name] !== undefined && row[name] !== null) ?? ''];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (!Array.isArray(value)) return undefined;
  if (value.every((step) => typeof step === 'string')) return value.join('');
  const { content } = (value.at(-1) ?? {}) as { readonly content?: unknown };
  return typeof content === 'string' ? content : undefined;
}
