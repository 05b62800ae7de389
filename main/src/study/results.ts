/** Rows on disk: one JSON line a cell, appended as it is done, one file a part. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellId, type Row } from './cell.ts';

/** A row and the part it was worked out for, which its file is named after. */
export interface KeptRow extends Row {
  readonly part: string;
}

/** What the rows of an older arithmetic have as their `bits`. */
export const before = 'before';

/**
 * Every row in a folder by its cell's id, those of an older arithmetic under a name of their own. A killed process can leave
 * half a line at a file's end: it is no row.
 */
export function readRows(folder: string): Map<string, KeptRow> {
  if (!existsSync(folder)) return new Map();
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .flatMap((name) =>
      wholeLines(join(folder, name)).map(
        (line): KeptRow => ({
          bits: before, // rows that don't say are from then
          ...(JSON.parse(line) as Omit<Row, 'bits'>),
          part: name.replace('.jsonl', ''),
        }),
      ),
    );
  return new Map(rows.map((row) => [`${row.bits === before ? 'before ' : ''}${cellId(row.cell)}`, row]));
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
