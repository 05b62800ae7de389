import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collect } from '../test-support/temporary.ts';
import { readLines } from './lines.ts';

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('lines wherever the chunks are cut, inside characters too; U+2028 is no line end', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => `${text.replace(/[\r\n\ufeff]/g, '')}\u2028😀é`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('\n', '\r\n'),
      async (lines, size, end) => {
        const read = await collect(
          readLines(inChunks(Buffer.from(lines.map((text) => text + end).join('')), size), 'f'),
        );
        expect(read).toEqual(lines.map((text, index) => ({ text, number: index + 1 })));
      },
    ),
  );
});

test('a last line without its end is a line; a byte order mark is no text', async () => {
  const read = await collect(readLines(inChunks(Buffer.from('\ufeffa\nb'), 3), 'f'));
  expect(read.map(({ text }) => text)).toEqual(['a', 'b']);
});

test('bytes that are not UTF-8 are an error that names file and line', async () => {
  const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xc3, 0x28, 0x0a])]);
  await expect(collect(readLines(inChunks(bytes, 2), 'rows.jsonl'))).rejects.toThrow(
    'readRows: rows.jsonl:2: the line must be UTF-8',
  );
});
