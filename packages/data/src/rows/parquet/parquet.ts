import type { ParquetParsers, SchemaElement } from 'hyparquet';
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

/** Text as it was written, or an error: hyparquet's own reading makes U+FFFD of what is not UTF-8. */
const strictText = () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return (bytes: Uint8Array | undefined): string | undefined => {
    try {
      return bytes && decoder.decode(bytes);
    } catch (error) {
      throw new RangeError('a text is not UTF-8 (half a surrogate pair, or another encoding)', { cause: error });
    }
  };
};

/**
 * Plain JSON of what hyparquet reads: bigints that are safe integers become numbers, other types their JSON. A field that is
 * null is absent: Parquet has every field in every record.
 */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as ArrayLike<unknown>, (item) => plain(item) ?? null);
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value !== 'object') return value;
  const present = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(present.map(([key, item]) => [key, plain(item)]));
};

/**
 * The rows of a Parquet file, one row group in memory at a time.
 *
 * @throws RangeError naming the file when it is not Parquet or is damaged
 */
export async function* readParquet(path: string): AsyncGenerator<Row, void, undefined> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const parsers = { stringFromBytes: strictText() } as ParquetParsers; // the others are hyparquet's own
  const fail = (error: unknown, where: string): never => {
    throw new RangeError(`readRows: ${path}${where}: must be Parquet: ${(error as Error).message}`, { cause: error });
  };
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => fail(error, ''));
  let first = 0;
  for (const group of metadata.row_groups) {
    const last = first + Number(group.num_rows);
    const options = { file, metadata, parsers, rowStart: first, rowEnd: last, compressors: await compressors() };
    const rows = await parquetReadObjects(options).catch((error: unknown) =>
      fail(error, ` (rows ${first + 1} to ${last})`),
    );
    for (const row of rows) yield plain(row) as Row;
    first = last;
  }
}

/** Where a value holds half of a surrogate pair, which UTF-8 can't and writers make U+FFFD of; undefined where it doesn't. */
const halfCharacter = (value: unknown, path: string): string | undefined => {
  if (typeof value === 'string') return isWellFormed(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = isWellFormed(key) ? halfCharacter(item, Array.isArray(value) ? `${path}[]` : `${path}.${key}`) : path;
    if (found !== undefined) return found;
  }
  return undefined;
};

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

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
    const half = halfCharacter(row, '');
    if (half !== undefined) {
      throw new TypeError(
        `writeRows: row ${number}, column '${half.replace(/^\./, '')}' must hold whole characters for Parquet, got half of a surrogate pair (JSONL holds it)`,
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
