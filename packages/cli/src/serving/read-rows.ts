import type { Row } from '@svo/data';
import type { ColumnsConfig } from '../config/config.ts';
import { type Asked, askedBy, usual } from '../stages/judging.ts';
import { Refusal } from './refusal.ts';

/** What a request of `/judge` asks: a row, or a list of them. */
export function rowsOf(body: unknown, columns: ColumnsConfig, most: number): readonly Asked[] {
  const rows: readonly unknown[] = Array.isArray(body) ? body : [body];
  checkCount(rows.length, most);
  return rows.map((row, index) => {
    if (isRecord(row)) return askedBy(row, columns);
    throw new Refusal(
      400,
      `a row must be a record { … }, got ${kind(row)}${Array.isArray(body) ? ` at ${index}` : ''}`,
    );
  });
}

/**
 * What a request of `/reward` asks: columns, as TRL hands them to a reward function. `completions` is what is judged, whatever other
 * columns there are; `prompts` and the answers stand beside them.
 */
export function columnsOf(
  body: unknown,
  columns: ColumnsConfig,
  { most, needsAnswer }: { readonly most: number; readonly needsAnswer: boolean },
): readonly Asked[] {
  const completions = isRecord(body) ? body.completions : undefined;
  if (!isRecord(body) || !Array.isArray(completions))
    throw new Refusal(
      400,
      'the body must be { "completions": [ … ], "answer": [ … ] }, as TRL hands them to a reward function',
    );
  checkCount(completions.length, most);
  const { prompt = 'prompt', response = 'response' } = columns;
  const named = { ...body, [prompt]: body[prompt] ?? body.prompts };
  const answers = columns.answer === undefined ? usual.answer : [columns.answer];
  if (needsAnswer && !answers.some((name) => Array.isArray(body[name])))
    throw new Refusal(400, `the answers are missing: a list under ${answers.join(' or ')}, as long as completions`);
  const lists = [...answers, prompt, columns.id ?? 'id'].flatMap((name) => {
    const list = Object.hasOwn(named, name) ? named[name] : undefined;
    if (!Array.isArray(list)) return [];
    if (list.length !== completions.length)
      throw new Refusal(400, `${name} must be as long as completions (${completions.length}), got ${list.length}`);
    return [[name, list] as const];
  });
  return completions.map((completion, index) => {
    const row = Object.fromEntries(lists.map(([name, list]) => [name, list[index]]));
    return askedBy({ ...row, [response]: completion }, columns);
  });
}

function checkCount(count: number, most: number): void {
  if (count > most)
    throw new Refusal(413, `a request must have at most ${most} rows, got ${count}; send several, or raise serve.rows`);
}

const isRecord = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

const kind = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value);
