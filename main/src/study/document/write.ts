/**
 * Writes the tables and plots of docs/study.md, those of docs/hyper-parameters.md and the README's of seeds, from the rows in benchmarks/results:
 *
 *     node --conditions=@svo/source main/src/study/document/write.ts
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRows } from '../results.ts';
import { filled } from './blocks.ts';
import { plots } from './plots.ts';

const root = join(import.meta.dirname, '../../../..');
const rows = [...readRows(join(root, 'benchmarks/results/study')).values()];
for (const page of ['docs/study.md', 'docs/hyper-parameters.md', 'README.md']) {
  const file = join(root, page);
  writeFileSync(file, filled(readFileSync(file, 'utf8'), rows));
}
const drawn = join(root, 'docs/study');
rmSync(drawn, { recursive: true, force: true }); // a plot whose rows are gone goes too
mkdirSync(drawn, { recursive: true });
for (const [name, svg] of Object.entries(plots(rows))) writeFileSync(join(drawn, name), svg);
