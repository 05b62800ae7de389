import { columnsOf, idOf, textOf } from './row-text.ts';
import type { TaskRow } from './task.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * A multiple-choice row in any of its published forms, as a question with lettered options and the right letter:
 *
 * - Hugging Face's OBQA, ARC and CSQA: `question` or `question_stem`, `choices: { text, label }`, `answerKey`.
 * - AI2's JSON lines: `question: { stem, choices: [{ text, label }] }`, `answerKey`.
 * - `options` or `choices` as a list of texts, with the answer's index from 0 (`answer`, as in MMLU) or its letter.
 *
 * Options are lettered anew in their order: some rows of ARC number theirs. An empty `answerKey` (CSQA's test rows) is no answer.
 *
 * @throws RangeError saying what the row lacks, or that its answer is none of its options
 * @example
 * ```ts
 * import { choiceRow } from '@svo/recipes/tasks';
 * const row = { question: 'Ice is', choices: { text: ['a gas', 'a solid'], label: ['1', '2'] }, answerKey: '2' };
 * choiceRow(row); // => { prompt: 'Ice is\n(A) a gas\n(B) a solid', answer: 'B' }
 * ```
 */
export function choiceRow(row: Row): TaskRow {
  const { stem, choices } = partsOf(row);
  const options = optionsOf(choices, row);
  if (options.length < 2 || options.length > 26)
    throw new RangeError(`a choice must have 2 to 26 options, got ${options.length}`);
  const answer = answerOf(row, options);
  return { ...idOf(row), prompt: asked(stem, options), ...(answer !== undefined && { answer }) };
}

/** A question with its options, a line each. */
export const asked = (stem: string, options: readonly { readonly text: string }[]): string =>
  [stem.trim(), ...options.map(({ text }, i) => `(${letter(i)}) ${text.trim()}`)].join('\n');

/** The letter of an option by its place. */
export const letter = (place: number): string => String.fromCharCode(65 + place);

interface Option {
  readonly text: string;
  /** What the row itself calls it, where it does. */
  readonly label: string | undefined;
}

function partsOf(row: Row): { readonly stem: string; readonly choices: unknown } {
  const { question } = row;
  if (typeof question === 'object' && question !== null) {
    const inner = question as Row;
    return { stem: textOf(inner, 'stem'), choices: inner.choices };
  }
  return { stem: textOf(row, 'question_stem', 'question'), choices: row.choices ?? row.options };
}

function optionsOf(choices: unknown, row: Row): readonly Option[] {
  const list = Array.isArray(choices) ? choices.map(optionOf) : columnsAsOptions(choices);
  if (list === undefined || list.some((option) => option === undefined))
    throw new RangeError(
      `options were expected in choices or options, as texts, as { text, label } or as lists of both; columns found: ${columnsOf(row)}`,
    );
  return list as readonly Option[];
}

function optionOf(one: unknown): Option | undefined {
  if (typeof one === 'string') return { text: one, label: undefined };
  const { text, label } = (one ?? {}) as Row;
  return typeof text === 'string' ? { text, label: label === undefined ? undefined : String(label) } : undefined;
}

function columnsAsOptions(choices: unknown): readonly (Option | undefined)[] | undefined {
  const { text, label } = (choices ?? {}) as Row;
  if (!Array.isArray(text)) return undefined;
  const labels: readonly unknown[] = Array.isArray(label) && label.length === text.length ? label : [];
  return text.map((one, i) => optionOf({ text: one, label: labels[i] }));
}

/** The right letter. A number is an index from 0, unless options are called by numbers themselves. */
function answerOf(row: Row, options: readonly Option[]): string | undefined {
  const given = row.answerKey ?? row.answerLetter ?? row.answer;
  if (given === undefined || given === null || given === '') return undefined;
  const named = options.findIndex(({ label }) => label !== undefined && label === String(given));
  const index = typeof given === 'number' ? given : /^[A-Z]$/.test(String(given)) ? place(String(given)) : -1;
  const found = named >= 0 ? named : index;
  if (Number.isInteger(found) && found >= 0 && found < options.length) return letter(found);
  throw new RangeError(
    `the answer must name one of ${options.length} options, got ${JSON.stringify(given)?.slice(0, 40)}`,
  );
}

const place = (one: string): number => one.charCodeAt(0) - 65;
