import type { Row } from '@svo/data';
import type { Verifier } from '@svo/mdp';
import type { ColumnsConfig } from '../config/config.ts';

/** A row with its verdict. `correct` is null where the judge can't tell, or the row can't be judged. */
export type JudgedRow = Row & {
  readonly correct: boolean | null;
  readonly how: string;
  readonly extracted?: string;
};

const usual = {
  prompt: ['prompt', 'question', 'problem'],
  answer: ['answer', 'solution', 'answerKey', 'target'],
  response: ['response', 'completion', 'completions', 'prediction'],
} as const;

/**
 * The verdict on one row, beside what it holds. It never throws for what a row says: one that can't be judged says why.
 *
 * @param columns names of the columns; the usual ones without
 */
export function judgeRow(row: Row, verifier: Verifier, columns: ColumnsConfig = {}): JudgedRow {
  const [prompt, answer, response] = (['prompt', 'answer', 'response'] as const).map((name) =>
    textAt(row, columns[name] === undefined ? usual[name] : [columns[name]]),
  );
  if (response === undefined) return unjudged(row, 'no response');
  const question = { id: idOf(row, columns.id), prompt: prompt ?? '', ...(answer !== undefined && { answer }) };
  try {
    const { equivalent, how, answer: extracted } = verifier(question, response);
    return { ...row, correct: equivalent ?? null, how, ...(extracted !== undefined && { extracted }) };
  } catch (error) {
    // A question that can't be judged at all: no answer to compare with, say.
    return unjudged(row, error instanceof Error ? error.message : String(error));
  }
}

const unjudged = (row: Row, how: string): JudgedRow => ({ ...row, correct: null, how });

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
