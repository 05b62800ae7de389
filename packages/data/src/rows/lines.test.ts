import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collect } from '../test-support/temporary.ts';
import { readLines } from './lines.ts';

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const limits = (name: string, maxRowBytes = 1 << 20) => ({ name, maxRowBytes });

test('lines wherever the chunks are cut, inside characters too; U+2028 is no line end', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => `${text.replace(/[\r\n\ufeff]/g, '')}\u2028😀é`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('\n', '\r\n'),
      async (lines, size, end) => {
        const read = await collect(
          readLines(inChunks(Buffer.from(lines.map((text) => text + end).join('')), size), limits('f')),
        );
        expect(read).toEqual(lines.map((text, index) => ({ text, where: `f:${index + 1}` })));
      },
    ),
  );
});

test('a last line without its end is a line; a byte order mark is no text', async () => {
  const read = await collect(readLines(inChunks(Buffer.from('\ufeffa\nb'), 3), limits('f')));
  expect(read.map(({ text }) => text)).toEqual(['a', 'b']);
});

test('bytes that are not UTF-8 are an error that names file and line', async () => {
  const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xc3, 0x28, 0x0a])]);
  await expect(collect(readLines(inChunks(bytes, 2), limits('rows.jsonl')))).rejects.toThrow(
    'readRows: rows.jsonl:2: the line must be UTF-8',
  );
});

test('a line is held up to a limit', async () => {
  const lines = Buffer.from(`${'a'.repeat(10)}\n${'b'.repeat(11)}\n`);
  for (const size of [1, 7, 100])
    await expect(collect(readLines(inChunks(lines, size), limits('f', 10)))).rejects.toThrow(
      'readRows: f:2: the line must have at most 10 bytes (options.maxRowBytes',
    );
});
