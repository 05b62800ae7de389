import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collect, temporaryFolder } from '../test-support/temporary.ts';
import { readRows, writeRows } from './rows.ts';
import { rowSchemas } from './schemas.ts';

const folder = temporaryFolder();
const jsonl = `${folder}/rows.jsonl`;
const parquet = `${folder}/rows.parquet`;
const read = (path: string) => collect(readRows(path));

describe('JSONL', () => {
  test('gives back any JSON, any Unicode', async () => {
    const row = fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 6 }).filter((key) => key !== '__proto__'),
      fc.jsonValue({ stringUnit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 5 }), async (rows) => {
        expect(await writeRows(jsonl, rows)).toBe(rows.length);
        expect(JSON.stringify(await read(jsonl))).toBe(JSON.stringify(rows));
      }),
      { numRuns: 40 },
    );
  });

  test('a bad line is an error with file and line, blank lines are none', async () => {
    writeFileSync(jsonl, '{"prompt":"a"}\n\n{"prompt":}\n');
    await expect(read(jsonl)).rejects.toThrow(`readRows: ${jsonl}:3: the line must be JSON: `);
    writeFileSync(jsonl, '{"prompt":"a"}\n\n["a"]');
    await expect(read(jsonl)).rejects.toThrow(`readRows: ${jsonl}:3: a row must be a record { … }, got ["a"]`);
    writeFileSync(jsonl, '{"prompt":"a"}\n{"prompt":1}\n');
    await expect(collect(readRows(jsonl, { schema: rowSchemas.prompt }))).rejects.toThrow(
      new RegExp(`^readRows: ${jsonl}:2: prompt: `),
    );
    await expect(read(`${folder}/none.jsonl`)).rejects.toThrow(/ENOENT/);
  });

  test('rows before a bad one have been handed over: reading is lazy', async () => {
    writeFileSync(jsonl, '{"a":1}\nnot json\n');
    const rows = readRows(jsonl);
    expect((await rows.next()).value).toEqual({ a: 1 });
    await expect(rows.next()).rejects.toThrow(':2:');
  });

  test('what JSON would change in silence is an error, and the old file stays', async () => {
    await writeRows(jsonl, [{ a: 1 }]);
    const before = readFileSync(jsonl, 'utf8');
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ a: { b: Number.NaN } }, /row 2, column 'a' must be JSON, got {"b":"NaN"}/],
      [{ a: 1n }, /row 2, column 'a' must be JSON, got 1$/],
      [{ a: () => 0 }, /row 2, column 'a' must be JSON, got \(\) => 0/],
      [{ a: new Date(0) }, /row 2, column 'a' must be JSON/],
      [{ a: [undefined] }, /row 2, column 'a' must be JSON, got \["undefined"\]/],
    ];
    for (const [bad, message] of cases) await expect(writeRows(jsonl, [{ a: 1 }, bad])).rejects.toThrow(message);
    expect(readFileSync(jsonl, 'utf8')).toBe(before);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('an asynchronous source streams through; a source that throws leaves no file', async () => {
    async function* many() {
      for (let i = 0; i < 50_000; i++) yield { i, text: 'x'.repeat(60) };
    }
    expect(await writeRows(jsonl, many())).toBe(50_000);
    let sum = 0;
    for await (const { i } of readRows(jsonl)) sum += i as number;
    expect(sum).toBe((50_000 * 49_999) / 2);
    async function* broken() {
      yield { i: 1 };
      throw new Error('search failed');
    }
    await expect(writeRows(`${folder}/broken.jsonl`, broken())).rejects.toThrow('search failed');
    expect(existsSync(`${folder}/broken.jsonl`)).toBe(false);
  });
});

describe('Parquet', () => {
  const scalar = fc.record({
    text: fc.string({ unit: 'grapheme' }),
    number: fc.double({ noNaN: true, noDefaultInfinity: true }),
    flag: fc.boolean(),
  });
  const nested = fc.record(
    {
      prompt: fc.array(fc.record({ role: fc.string(), content: fc.string({ unit: 'grapheme' }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      steps: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
      values: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 4 }),
    },
    { requiredKeys: ['prompt', 'steps'] },
  );

  test('gives back text, numbers, flags, lists, records, and missing columns as missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(scalar, nested), { minLength: 1, maxLength: 8 }), async (pairs) => {
        const rows = pairs.map(([one, other]) => ({ ...one, ...other }));
        expect(await writeRows(parquet, rows)).toBe(rows.length);
        expect(await read(parquet)).toEqual(rows);
      }),
      { numRuns: 40 },
    );
  });

  test('several row groups, read one after another', async () => {
    const rows = Array.from({ length: 25_000 }, (_, i) => ({ i, steps: [`s${i}`] }));
    await writeRows(parquet, rows);
    expect(await read(parquet)).toEqual(rows);
  });

  test('what has no column, no kind or no row is an error', async () => {
    await expect(writeRows(parquet, [{ a: 1 }, { a: 'x' }])).rejects.toThrow(
      "writeRows: column 'a' must hold one kind of value for Parquet, got number and string",
    );
    await expect(writeRows(parquet, [])).rejects.toThrow(
      'writeRows: rows must hold at least one for Parquet, got none',
    );
    await expect(writeRows(parquet, [{ a: {} }])).rejects.toThrow("column 'a' holds empty records");
    const late = Array.from({ length: 1001 }, (_, i) => (i < 1000 ? { a: 1 } : { a: 1, b: 2 }));
    await expect(writeRows(parquet, late)).rejects.toThrow(
      "row 1001 has a column 'b' that none of the first 1000 rows has",
    );
  });

  test('a file that is not Parquet, or cut off, is an error that names it', async () => {
    writeFileSync(parquet, 'not parquet at all, only text');
    await expect(read(parquet)).rejects.toThrow(`readRows: ${parquet}: must be Parquet: `);
    await writeRows(parquet, [{ a: 'b' }]);
    writeFileSync(parquet, readFileSync(parquet).subarray(0, -5));
    await expect(read(parquet)).rejects.toThrow(`readRows: ${parquet}: must be Parquet: `);
  });

  test('a row that does not fit names its number', async () => {
    await writeRows(parquet, [{ prompt: 'a' }, { question: 'b' }]);
    await expect(collect(readRows(parquet, { schema: rowSchemas.prompt }))).rejects.toThrow(
      `readRows: ${parquet}, row 2: prompt: `,
    );
  });
});
