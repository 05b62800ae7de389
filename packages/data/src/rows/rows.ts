import { writeWhole } from '@svo/files';
import { assertOptions } from '@svo/mdp';
import type { z } from 'zod';
import { isBlank, readArray } from './json-array.ts';
import { type Limits, readLines } from './lines.ts';
import { packerFor, readBytes } from './parquet/compressed.ts';
import { readParquet, writeParquet } from './parquet/parquet.ts';
import { parseWith } from './schemas.ts';

/** A row of a data set: plain JSON under column names. */
export type Row = Readonly<Record<string, unknown>>;

/** How a file is read. */
export interface ReadOptions<Schema extends z.ZodType> {
  /** What every row must be; see `rowSchemas`. Any record by default. */
  readonly schema?: Schema;
  /** The most bytes a row of JSON may have, unpacked: what is held at once. Default 2²⁶, 64 MiB. */
  readonly maxRowBytes?: number;
}

/** Characters gathered before they go to the disk. */
const CHUNK = 1 << 20;

/** A file that begins with more blanks than this holds lines, or nothing. */
const BLANK_BYTES = 1 << 16;

const isParquet = (path: string): boolean => path.endsWith('.parquet');

const isRecord = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A column that is null is absent, as it is in Parquet. */
const withoutNulls = (row: Row): Row =>
  Object.values(row).includes(null)
    ? Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
    : row;

/** The rows of JSON text: one a line, or the elements of one array, by the first byte that is no blank. */
async function* jsonRows(
  path: string,
  maxRowBytes: number,
): AsyncGenerator<{ row: unknown; where: string }, void, undefined> {
  const chunks = readBytes(path);
  const limits: Limits = { name: path, maxRowBytes };
  const head: Uint8Array[] = [];
  let [first, blanks]: [number | undefined, number] = [undefined, 0];
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* head;
    yield* chunks;
  }
  try {
    while (first === undefined && blanks < BLANK_BYTES) {
      const { value, done } = await chunks.next();
      if (done) break;
      head.push(value);
      first = value.find((byte) => !isBlank(byte));
      blanks += value.length;
    }
    const array = first === 0x5b;
    for await (const { text, where } of array ? readArray(all(), limits) : readLines(all(), limits)) {
      if (text.trim() === '') continue;
      try {
        const row: unknown = JSON.parse(text);
        yield { row: isRecord(row) ? withoutNulls(row) : row, where };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw new RangeError(
          `readRows: ${where}: the ${array ? 'row' : 'line'} must be JSON: ${error.message}${array ? '' : ' (one row a line, or one array of rows)'}`,
          { cause: error },
        );
      }
    }
  } finally {
    await chunks.return();
  }
}

async function* parquetRows(path: string): AsyncGenerator<{ row: unknown; where: string }, void, undefined> {
  let number = 0;
  for await (const row of readParquet(path)) yield { row, where: `${path}, row ${++number}` };
}

/**
 * The rows of a file, one after another: a file larger than memory is no obstacle. Parquet by its ending, `.parquet`; else
 * JSON, one row a line or one array of rows, plain, gzip or zstd (Node 22.15 or newer), by what the file begins with. Blank
 * lines are skipped; nothing else is. A column that is null is absent.
 *
 * @param options `schema`, a zod schema that every row must fit; `maxRowBytes` 2²⁶
 * @throws RangeError naming file and line (or row) where a row is not UTF-8, not JSON, not a record, too long, or doesn't fit;
 *   naming the file where it is packed in another way or damaged
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
  assertOptions('readRows', options, ['schema', 'maxRowBytes']);
  const { schema, maxRowBytes = 2 ** 26 } = options;
  if (!(maxRowBytes >= 1)) throw new RangeError(`readRows: maxRowBytes must be at least 1, got ${maxRowBytes}`);
  for await (const { row, where } of isParquet(path) ? parquetRows(path) : jsonRows(path, maxRowBytes)) {
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

const checkRow = (row: object, number: number): Row => {
  if (!isRecord(row)) throw new TypeError(`writeRows: row ${number} must be a record { … }, got ${String(row)}`);
  const bad = Object.keys(row).find((name) => row[name] !== undefined && !isJson(row[name]));
  if (bad === undefined) return row;
  throw new TypeError(`writeRows: row ${number}, column '${bad}' must be JSON, got ${show(row[bad]).slice(0, 80)}`);
};

/** Lines of JSON, in pieces large enough for a disk. */
async function* jsonLines(rows: AsyncIterable<Row>): AsyncGenerator<string, void, undefined> {
  let buffered = '';
  for await (const row of rows) {
    buffered += `${JSON.stringify(row)}\n`;
    if (buffered.length < CHUNK) continue;
    yield buffered;
    buffered = '';
  }
  yield buffered;
}

const writeLines = async (path: string, temporary: string, rows: AsyncIterable<Row>): Promise<void> => {
  const { createWriteStream } = await import('node:fs');
  const { pipeline } = await import('node:stream/promises');
  const packer = await packerFor(path);
  const file = createWriteStream(temporary);
  await (packer === undefined ? pipeline(jsonLines(rows), file) : pipeline(jsonLines(rows), packer, file));
};

/**
 * Writes rows as JSONL or, by the ending, as Parquet (`.parquet`) or packed JSONL (`.gz`; `.zst` on Node 22.15 or newer),
 * streaming and atomically: a reader sees the old file or the whole new one, and when a row can't be written the old file stays.
 *
 * @param rows any iterable of records, asynchronous ones too
 * @returns the number of rows written
 * @throws TypeError naming row and column for what JSON can't hold (NaN, ±∞, bigint, functions); for Parquet also where a
 *   column mixes kinds or a text holds half a character; file errors as they are
 * @example
 * ```ts
 * import { writeRows } from '@svo/data';
 * import { tmpdir } from 'node:os';
 * await writeRows(`${tmpdir()}/svo-example-prompts.parquet`, [{ prompt: 'a' }, { prompt: 'b' }]); // => 2
 * ```
 */
export async function writeRows(path: string, rows: Iterable<object> | AsyncIterable<object>): Promise<number> {
  let count = 0;
  async function* checked(): AsyncGenerator<Row, void, undefined> {
    for await (const row of rows) yield checkRow(row, ++count);
  }
  await writeWhole(path, (temporary) =>
    isParquet(path) ? writeParquet(temporary, checked()) : writeLines(path, temporary, checked()),
  );
  return count;
}
