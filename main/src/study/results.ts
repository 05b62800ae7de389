/** Rows on disk: one JSON line a cell, appended as it is done, one file a part. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellId, type Row } from './cell.ts';

/** Every row in a folder by its cell's id. A killed process can leave half a line at a file's end: it is no row. */
export function readRows(folder: string): Map<string, Row> {
  if (!existsSync(folder)) return new Map();
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .flatMap((name) => wholeLines(join(folder, name)))
    .map((line) => JSON.parse(line) as Row);
  return new Map(rows.map((row) => [cellId(row.cell), row]));
}

/** Adds a row to its part's file. */
export function appendRow(folder: string, part: string, row: Row): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${part}.jsonl`);
  if (existsSync(file) && !readFileSync(file, 'utf8').endsWith('\n')) {
    const lines = wholeLines(file);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  }
  appendFileSync(file, `${JSON.stringify(row)}\n`);
}

function wholeLines(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean);
}
