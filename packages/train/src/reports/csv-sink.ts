import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sink } from '../types.ts';
import { toRow } from './report-row.ts';

/**
 * A table for spreadsheets and pandas: one column a metric, one line a report. A metric that first appears later (an
 * evaluation, say) gets its column then: the file is rewritten once with empty cells above. A resumed run goes on in the same file.
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { csvSink } from '@svo/train';
 * const path = join(mkdtempSync(join(tmpdir(), 'svo-')), 'log.csv');
 * const sink = csvSink(path);
 * sink({ step: 1, loss: 0.5 });
 * sink({ step: 2, loss: 0.25, eval_loss: 1 });
 * readFileSync(path, 'utf8'); // => 'global_step,loss,eval_loss\n1,0.5,\n2,0.25,1\n'
 * ```
 */
export function csvSink(path: string): Sink {
  mkdirSync(dirname(path), { recursive: true });
  let columns = headerOf(readIfThere(path));
  return (report) => {
    const row = toRow(report);
    const added = Object.keys(row).filter((name) => !columns.includes(name));
    if (added.length > 0) {
      const wider = [...columns, ...added];
      const lines = readIfThere(path).split('\n').slice(1).filter(Boolean);
      const body = lines.map((line) => line + ','.repeat(added.length));
      writeFileSync(`${path}.new`, [wider.map(quote).join(','), ...body, ''].join('\n'));
      renameSync(`${path}.new`, path);
      columns = wider;
    }
    appendFileSync(path, `${columns.map((name) => row[name] ?? '').join(',')}\n`);
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function headerOf(text: string): string[] {
  const [line] = text.split('\n');
  return [...line!.matchAll(/"((?:[^"]|"")*)"|([^,]+)/g)].map((match) => match[1]?.replaceAll('""', '"') ?? match[2]!);
}

function quote(name: string): string {
  return /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
