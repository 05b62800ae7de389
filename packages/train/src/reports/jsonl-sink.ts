import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sink } from '../types.ts';
import { toRow } from './report-row.ts';

/**
 * Appends each report as one JSON line, with TRL's key `global_step` for the step. Every line is on its way to the disk when
 * the call returns, so a killed run keeps its history, and a resumed one goes on in the same file.
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { jsonlSink } from '@svo/train';
 * const path = join(mkdtempSync(join(tmpdir(), 'svo-')), 'log.jsonl');
 * jsonlSink(path)({ step: 1, loss: 0.5 });
 * readFileSync(path, 'utf8'); // => '{"global_step":1,"loss":0.5}\n'
 * ```
 */
export function jsonlSink(path: string): Sink {
  mkdirSync(dirname(path), { recursive: true });
  return (report) => appendFileSync(path, `${JSON.stringify(toRow(report))}\n`);
}
