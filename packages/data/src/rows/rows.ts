import type { z } from 'zod';
import { writeAtomically } from '../atomic.ts';
import { readLines } from './lines.ts';
import { readParquet, writeParquet } from './parquet.ts';
import { parseWith } from './schemas.ts';

/** A row of a data set: plain JSON under column names. */
export type Row = Readonly<Record<string, unknown>>;

/** How a file is read. */
export interface ReadOptions<Schema extends z.ZodType> {
  /** What every row must be; see `rowSchemas`. Any record by default. */
  readonly schema?: Schema;
}

/** Characters gathered before they go to the disk. */
const CHUNK = 1 << 20;

const isParquet = (path: string): boolean => path.endsWith('.parquet');

const isRecord = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

async function* jsonRows(path: string): AsyncGenerator<{ row: unknown; where: string }, void, undefined> {
  const { createReadStream } = await import('node:fs');
  for await (const { text, number } of readLines(createReadStream(path), path)) {
    if (text.trim() === '') continue;
    const where = `${path}:${number}`;
    try {
      yield { row: JSON.parse(text), where };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new RangeError(`readRows: ${where}: the line must be JSON: ${error.message}`, { cause: error });
    }
  }
}

async function* parquetRows(path: string): AsyncGenerator<{ row: unknown; where: string }, void, undefined> {
  let number = 0;
  for await (const row of readParquet(path)) yield { row, where: `${path}, row ${++number}` };
}

/**
 * The rows of a JSONL or Parquet file (by its ending, `.parquet`), one after another: a file larger than memory is no
 * obstacle. Blank lines are skipped; nothing else is.
 *
 * @param options `schema`, a zod schema that every row must fit
 * @throws RangeError naming file and line (or row) where a line is not UTF-8, not JSON, not a record, or doesn't fit
 * @example
 * ```ts
 * import { readRows, rowSchemas, writeRows } from '@svo/data';
 * import { tmpdir } from 'node:os';
 * const path = `${tmpdir()}/svo-example-rows.jsonl`;
 * await writeRows(path, [{ prompt: '2 + 3?', chosen: '5', rejected: '6' }]);
 * const chosen = [];
 * for await (const row of readRows(path, { schema: rowSchemas.preference })) chosen.push(row.chosen);
 * chosen; // => ['5']
 * ```
 */
export async function* readRows<Schema extends z.ZodType = z.ZodType<Row>>(
  path: string,
  options: ReadOptions<Schema> = {},
): AsyncGenerator<z.output<Schema>, void, undefined> {
  const { schema } = options;
  for await (const { row, where } of isParquet(path) ? parquetRows(path) : jsonRows(path)) {
    if (!isRecord(row)) {
      throw new RangeError(`readRows: ${where}: a row must be a record { … }, got ${JSON.stringify(row).slice(0, 40)}`);
    }
    if (schema === undefined) {
      yield row as z.output<Schema>;
      continue;
    }
    yield parseWith(schema, row, `readRows: ${where}`) as z.output<Schema>;
  }
}

/** Whether JSON holds the value as it is: it makes null of NaN and text of a Date, and says nothing. */
const isJson = (value: unknown): boolean => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object': {
      if (value === null) return true;
      if (Array.isArray(value)) return value.every(isJson);
      const prototype = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) return false;
      // A field that is undefined is a missing one.
      return Object.values(value).every((item) => item === undefined || isJson(item));
    }
    default:
      return false;
  }
};

const show = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? JSON.stringify(value, (_, item) => (isJson(item) || typeof item === 'object' ? item : String(item)))
    : String(value);

const checkRow = (row: Row, number: number): void => {
  if (!isRecord(row)) throw new TypeError(`writeRows: row ${number} must be a record { … }, got ${String(row)}`);
  const bad = Object.keys(row).find((name) => row[name] !== undefined && !isJson(row[name]));
  if (bad !== undefined) {
    throw new TypeError(`writeRows: row ${number}, column '${bad}' must be JSON, got ${show(row[bad]).slice(0, 80)}`);
  }
};

/**
 * Writes rows as JSONL or, by the ending `.parquet`, as Parquet, streaming and atomically: a reader sees the old file or
 * the whole new one, and when a row can't be written the old file stays.
 *
 * @param rows any iterable, asynchronous ones too
 * @returns the number of rows written
 * @throws TypeError naming row and column for what JSON can't hold (NaN, ±∞, bigint, functions); for Parquet also where a
 *   column mixes kinds; file errors as they are
 * @example
 * ```ts
 * import { writeRows } from '@svo/data';
 * import { tmpdir } from 'node:os';
 * await writeRows(`${tmpdir()}/svo-example-prompts.parquet`, [{ prompt: 'a' }, { prompt: 'b' }]); // => 2
 * ```
 */
export async function writeRows(path: string, rows: Iterable<Row> | AsyncIterable<Row>): Promise<number> {
  let count = 0;
  async function* checked(): AsyncGenerator<Row, void, undefined> {
    for await (const row of rows) {
      checkRow(row, ++count);
      yield row;
    }
  }
  await writeAtomically(path, async (temporary) => {
    if (isParquet(path)) return writeParquet(temporary, checked());
    const { open } = await import('node:fs/promises');
    const handle = await open(temporary, 'w');
    try {
      let buffered = '';
      for await (const row of checked()) {
        buffered += `${JSON.stringify(row)}\n`;
        if (buffered.length < CHUNK) continue;
        await handle.writeFile(buffered);
        buffered = '';
      }
      await handle.writeFile(buffered);
    } finally {
      await handle.close();
    }
  });
  return count;
}
