import { mkdtempSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { collect, temporaryFolder } from '../../test-support/temporary.ts';
import { readParquet, writeParquet } from './parquet.ts';

const folder = temporaryFolder();

async function* from<Item>(items: readonly Item[]) {
  yield* items;
}

test('whole numbers and bigints of other writers become numbers', async () => {
  const { fileWriter, parquetWrite } = await import('hyparquet-writer');
  const path = `${mkdtempSync(`${folder}/`)}/ints.parquet`;
  parquetWrite({
    writer: fileWriter(path),
    columnData: [
      { name: 'small', data: [1, 2], type: 'INT32' },
      { name: 'large', data: [7n, 2n ** 60n], type: 'INT64' },
      { name: 'when', data: [new Date(0), new Date(1000)], type: 'TIMESTAMP' },
    ],
  });
  expect(await collect(readParquet(path))).toEqual([
    { small: 1, large: 7, when: '1970-01-01T00:00:00.000Z' },
    { small: 2, large: '1152921504606846976', when: '1970-01-01T00:00:01.000Z' },
  ]);
});

test('GZIP, BROTLI and ZSTD, which hyparquet leaves to the caller, are read', async () => {
  const { fileWriter, parquetWrite } = await import('hyparquet-writer');
  const { brotliCompressSync, gzipSync, zstdCompressSync } = await import('node:zlib');
  const compressors = {
    GZIP: (input: Uint8Array) => gzipSync(input),
    BROTLI: (input: Uint8Array) => brotliCompressSync(input),
    ZSTD: (input: Uint8Array) => zstdCompressSync(input),
  };
  for (const codec of ['GZIP', 'BROTLI', 'ZSTD'] as const) {
    const path = `${folder}/${codec}.parquet`;
    parquetWrite({
      writer: fileWriter(path),
      codec,
      compressors,
      columnData: [{ name: 'text', data: ['a'.repeat(500), 'b'] }],
    });
    expect(await collect(readParquet(path))).toEqual([{ text: 'a'.repeat(500) }, { text: 'b' }]);
  }
});

test('a column that is empty in every row of the first group is text', async () => {
  const path = `${folder}/empty.parquet`;
  await writeParquet(
    path,
    from([
      { a: [], b: null },
      { a: [], b: null },
    ]),
  );
  expect(await collect(readParquet(path))).toEqual([{ a: [] }, { a: [] }]);
});

test("pyarrow's files (golden/make.py): nested columns, int64, a column that is null", async () => {
  for (const codec of ['zstd', 'snappy']) {
    const path = fileURLToPath(new URL(`../../../golden/pyarrow-${codec}.parquet`, import.meta.url));
    expect(await collect(readParquet(path))).toEqual([
      {
        prompt: [{ role: 'user', content: '2+3?' }],
        completions: ['a\n\n', 'é😀'],
        labels: [true, false],
        visits: [3, 2],
        reward: 1,
      },
      {
        prompt: [
          { role: 'user', content: '1+1?' },
          { role: 'assistant', content: '2' },
        ],
        completions: [],
        labels: [],
        reward: -0.5,
      },
    ]);
  }
});
