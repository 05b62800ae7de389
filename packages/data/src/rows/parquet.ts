import type { SchemaElement } from 'hyparquet';
import { parquetSchemaOf } from './parquet-schema.ts';

type Row = Readonly<Record<string, unknown>>;

/** Rows of the first group decide the schema. */
const SCHEMA_ROWS = 1000;
const GROUP_ROWS = 10_000;
/** A column's dictionary is given up beyond this. */
const DICTIONARY_BYTES = 1 << 20;

/** What Node's zlib decodes beside the SNAPPY that hyparquet brings: what other writers of data sets use. */
const compressors = async () => {
  const { brotliDecompressSync, gunzipSync, zstdDecompressSync } = await import('node:zlib');
  return {
    GZIP: (input: Uint8Array) => gunzipSync(input),
    BROTLI: (input: Uint8Array) => brotliDecompressSync(input),
    ZSTD: (input: Uint8Array) => {
      if (zstdDecompressSync) return zstdDecompressSync(input);
      throw new RangeError('its columns are ZSTD, which this Node cannot decode (22.15 can)');
    },
  };
};

/** Plain JSON of what hyparquet reads: bigints that are safe integers become numbers, other types their JSON. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, plain);
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

/** A row as the file's writer had it: a column that is null for this row is left out, as in JSONL. */
const withoutNulls = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));

/**
 * The rows of a Parquet file, one row group in memory at a time.
 *
 * @throws RangeError naming the file when it is not Parquet or is damaged
 */
export async function* readParquet(path: string): AsyncGenerator<Row, void, undefined> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const fail = (error: unknown, where: string): never => {
    throw new RangeError(`readRows: ${path}${where}: must be Parquet: ${(error as Error).message}`, { cause: error });
  };
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => fail(error, ''));
  let first = 0;
  for (const group of metadata.row_groups) {
    const last = first + Number(group.num_rows);
    const options = { file, metadata, rowStart: first, rowEnd: last, compressors: await compressors() };
    const rows = await parquetReadObjects(options).catch((error: unknown) =>
      fail(error, ` (rows ${first + 1} to ${last})`),
    );
    for (const row of rows) yield withoutNulls(plain(row) as Row);
    first = last;
  }
}

/** Every row with all columns of the schema; a column the schema doesn't know is an error, not a loss. */
async function* withColumns(
  rows: AsyncIterable<Row>,
  names: readonly string[],
): AsyncGenerator<Record<string, unknown>, void, undefined> {
  const known = new Set(names);
  let number = 0;
  for await (const row of rows) {
    number++;
    const unknown = Object.keys(row).find((name) => !known.has(name) && row[name] !== undefined);
    if (unknown !== undefined) {
      throw new RangeError(
        `writeRows: row ${number} has a column '${unknown}' that none of the first ${SCHEMA_ROWS} rows has, which fix the Parquet schema (JSONL has none)`,
      );
    }
    yield Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
  }
}

/** The columns of a schema: the elements right below the root. */
const columnsOf = (schema: readonly SchemaElement[]): string[] => {
  const names: string[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < (schema[at]!.num_children ?? 0); child++) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) names.push(schema[at]!.name);
  return names;
};

/** Writes rows as Parquet (SNAPPY), in groups of {@link GROUP_ROWS}; memory holds one group. */
export async function writeParquet(path: string, rows: AsyncIterable<Row>): Promise<void> {
  const { fileWriter, parquetWriteRows } = await import('hyparquet-writer');
  const source = rows[Symbol.asyncIterator]();
  const head: Row[] = [];
  while (head.length < SCHEMA_ROWS) {
    const { value, done } = await source.next();
    if (done) break;
    head.push(value);
  }
  if (head.length === 0)
    throw new RangeError(`writeRows: rows must hold at least one for Parquet, got none (${path}; JSONL may be empty)`);
  const schema = parquetSchemaOf(head);
  const columns = columnsOf(schema);
  async function* all(): AsyncGenerator<Row, void, undefined> {
    yield* head;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  }
  await parquetWriteRows({
    writer: fileWriter(path),
    rows: withColumns(all(), columns),
    columns: columns.map((name) => ({ name })),
    schema,
    rowGroupSize: GROUP_ROWS,
    // Texts and log-probs hardly repeat and nobody filters by them: dictionaries and bounds cost half the time for nothing.
    dictionarySize: DICTIONARY_BYTES,
    statistics: false,
  });
}
