import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
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
  test('gives back any JSON, any Unicode; a column that is null is absent', async () => {
    const row = fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 6 }).filter((key) => key !== '__proto__'),
      fc.jsonValue({ stringUnit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 5 }), async (rows) => {
        expect(await writeRows(jsonl, rows)).toBe(rows.length);
        const present = rows.map((one) =>
          Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null)),
        );
        expect(JSON.stringify(await read(jsonl))).toBe(JSON.stringify(present));
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

const rows = Array.from({ length: 3000 }, (_, i) => ({
  i,
  text: `é${'x'.repeat(i % 70)}😀 ] , " \\ [`,
  inner: [[i], { a: null }],
}));

describe('packed JSON', () => {
  test('gzip is told by its bytes, whatever its name, members in a row included', async () => {
    const [one, other] = [rows.slice(0, 1000), rows.slice(1000)].map((part) =>
      zlib.gzipSync(part.map((row) => `${JSON.stringify(row)}\n`).join('')),
    );
    for (const name of ['rows.jsonl.gz', 'rows.json']) {
      writeFileSync(`${folder}/${name}`, Buffer.concat([one!, other!]));
      expect(await read(`${folder}/${name}`)).toEqual(rows);
    }
    writeFileSync(`${folder}/cut.jsonl.gz`, one!.subarray(0, -20));
    await expect(read(`${folder}/cut.jsonl.gz`)).rejects.toThrow(/^readRows: .*cut\.jsonl\.gz must be whole gzip: /);
  });

  test('what is written under .gz is gzip, the same bytes every time', async () => {
    const path = `${folder}/written.jsonl.gz`;
    await writeRows(path, rows);
    const first = readFileSync(path);
    expect(zlib.gunzipSync(first).toString().split('\n').length).toBe(rows.length + 1);
    expect(await read(path)).toEqual(rows);
    await writeRows(path, rows);
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  test('zstd where Node has it; else an error that says which Node does', async () => {
    const path = `${folder}/rows.jsonl.zst`;
    if ('createZstdCompress' in zlib) {
      await writeRows(path, rows);
      expect(readFileSync(path).subarray(0, 4).toString('hex')).toBe('28b52ffd');
      expect(await read(path)).toEqual(rows);
      const whole = readFileSync(path);
      writeFileSync(path, Buffer.concat([whole, whole])); // as `cat` and pzstd make them
      expect(await read(path)).toEqual([...rows, ...rows]);
      for (const length of [6, whole.length >> 1, whole.length - 1]) {
        writeFileSync(`${folder}/cut.jsonl.zst`, whole.subarray(0, length));
        await expect(read(`${folder}/cut.jsonl.zst`)).rejects.toThrow('cut.jsonl.zst must be whole zstd: ');
      }
      const damaged = Buffer.from(whole);
      damaged.fill(0xff, whole.length >> 1, (whole.length >> 1) + 8);
      writeFileSync(`${folder}/cut.jsonl.zst`, damaged);
      await expect(read(`${folder}/cut.jsonl.zst`)).rejects.toThrow(/^readRows: /);
      return;
    }
    await expect(writeRows(path, rows)).rejects.toThrow(`writeRows: ${path} is zstd, which needs Node 22.15`);
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, Buffer.from('28b52ffd0000', 'hex'));
    await expect(read(path)).rejects.toThrow(`readRows: ${path} is zstd, which needs Node 22.15`);
  });

  test('other packings are refused by name', async () => {
    const bytes = { bzip2: 'BZh91AY', zip: 'PK\u0003\u0004', Parquet: 'PAR1', Arrow: 'ARROW1' };
    for (const [kind, head] of Object.entries(bytes)) {
      writeFileSync(jsonl, head);
      await expect(read(jsonl)).rejects.toThrow(new RegExp(`^readRows: ${jsonl} must be JSONL.*, got ${kind} \\(`));
    }
  });

  test('a reader that stops early leaves the file closed and no row half read', async () => {
    const path = `${folder}/rows.jsonl.gz`;
    for await (const row of readRows(path)) {
      expect(row).toEqual(rows[0]);
      break;
    }
  });

  test('a bomb meets the limit of a row, not the end of memory', async () => {
    writeFileSync(`${folder}/bomb.jsonl.gz`, zlib.gzipSync(Buffer.alloc(1 << 24, 'a')));
    const reading = collect(readRows(`${folder}/bomb.jsonl.gz`, { maxRowBytes: 1 << 16 }));
    await expect(reading).rejects.toThrow('bomb.jsonl.gz:1: the line must have at most 65536 bytes');
    await expect(collect(readRows(jsonl, { maxRowByte: 5 } as object))).rejects.toThrow("did you mean 'maxRowBytes'?");
  });
});

describe('a JSON array', () => {
  test('is read element by element, however it is laid out', async () => {
    const indents = [undefined, 2, '\t'];
    for (const indent of indents) {
      writeFileSync(jsonl, `\ufeff\n ${JSON.stringify(rows, undefined, indent)}\r\n`);
      expect(await read(jsonl)).toEqual(rows);
    }
    writeFileSync(jsonl, '[]');
    expect(await read(jsonl)).toEqual([]);
    writeFileSync(`${folder}/array.json.gz`, zlib.gzipSync(JSON.stringify(rows)));
    expect(await read(`${folder}/array.json.gz`)).toEqual(rows);
  });

  test.each([
    ['[{"a":1},]', ", row 2: a JSON array must have a row here, got ']'"],
    ['[,{"a":1}]', ", row 1: a JSON array must have a row here, got ','"],
    ['[{"a":1} {"a":2}]', ', row 1: the row must be JSON: '],
    ['[{"a":1}] [', ", row 2: a JSON array must have nothing more here, got '['"],
    ['[{"a":1},{"a"', ", row 2: a JSON array must end with ']', the file ends before it"],
    ['[{"a":1},{"a":1', ", row 2: a JSON array must end with ']', the file ends before it"],
    ['[{"a":1},2]', ', row 2: a row must be a record { … }, got 2'],
    ['[{"a":[}]', ", row 1: a JSON array must end with ']'"],
  ])('%s is an error that names the row', async (text, message) => {
    writeFileSync(jsonl, text);
    await expect(read(jsonl)).rejects.toThrow(`readRows: ${jsonl}${message}`);
  });

  test('rows are held up to the limit', async () => {
    writeFileSync(jsonl, `[{"a":"${'x'.repeat(100)}"}]`);
    await expect(collect(readRows(jsonl, { maxRowBytes: 50 }))).rejects.toThrow('row 1: the row must have at most 50');
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

  test('half a surrogate pair is an error that names row and column, in texts, lists, records and names', async () => {
    for (const [bad, column] of [
      [{ a: 'x\ud800' }, 'a'],
      [{ a: '\udc00\ud800' }, 'a'],
      [{ a: ['ok', '\udfff'] }, 'a[]'],
      [{ a: { b: ['\ud83d'] } }, 'a.b[]'],
    ] as const) {
      await expect(writeRows(`${folder}/half.parquet`, [{ a: bad.a }])).rejects.toThrow(
        `writeRows: row 1, column '${column}' must hold whole characters for Parquet, got half of a surrogate pair`,
      );
    }
    await expect(writeRows(`${folder}/half.parquet`, [{ 'a\ud800': 1 }])).rejects.toThrow('whole characters');
    expect(existsSync(`${folder}/half.parquet`)).toBe(false);
    await writeRows(`${folder}/whole.parquet`, [{ a: '😀' }]);
    expect(await read(`${folder}/whole.parquet`)).toEqual([{ a: '😀' }]);
  });

  test('a text of another writer that is not UTF-8 is an error, not U+FFFD', async () => {
    await writeRows(parquet, [{ a: 'x😀y' }]);
    const bytes = readFileSync(parquet);
    // ED A0 BD ED: the first half of a pair, as CESU-8 has it.
    bytes.set([0xed, 0xa0, 0xbd, 0xed], bytes.indexOf(Buffer.from('😀')));
    writeFileSync(parquet, bytes);
    await expect(read(parquet)).rejects.toThrow(/must be Parquet: .*a text is not UTF-8 \(half a surrogate pair/);
  });

  test("a row's draws come back, those that are not known too", async () => {
    const draws = [{ token_ids: [1, 2], logps: [-0.5, -0.25] }, null, { token_ids: [3], logps: [-1] }];
    const drawn = { prompt: 'p', completions: ['a', 'b', 'c'], labels: [true, true, true], draws };
    await writeRows(parquet, [drawn]);
    expect(await collect(readRows(parquet, { schema: rowSchemas.stepwise }))).toEqual([drawn]);
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
