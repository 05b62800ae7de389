/** The generated parts of docs/study.md: what stands between `<!-- study:NAME -->` and `<!-- /study -->`. */
import type { Row } from '../cell.ts';
import { cellOf } from '../parts.ts';
import { findingsTable } from './findings.ts';
import { shared } from './plots.ts';
import { rowsOf } from './scores.ts';
import { ablationsTable } from './tables/ablations.ts';
import { elsewhereTable } from './tables/elsewhere.ts';
import { mapTable } from './tables/map.ts';
import { differencesTable, methodsTable } from './tables/methods.ts';
import { questionsTable } from './tables/questions.ts';
import { endsTable, estimatesTable, iterationsTable, valuesTable } from './tables/step-credits.ts';
import { transferTable, tuningTable } from './tables/tuning.ts';

const blocks: Readonly<Record<string, (rows: readonly Row[]) => string>> = {
  methods: methodsTable,
  differences: differencesTable,
  tuning: tuningTable,
  transfer: transferTable,
  estimates: estimatesTable,
  ends: endsTable,
  questions: questionsTable,
  values: valuesTable,
  iterations: iterationsTable,
  ablations: ablationsTable,
  map: mapTable,
  elsewhere: elsewhereTable,
  findings: findingsTable,
  extent,
};

/** The document with every block made anew. */
export function filled(document: string, rows: readonly Row[]): string {
  return document.replaceAll(
    /<!-- study:(\w+) -->[\s\S]*?<!-- \/study -->/g,
    (_, name: string) => `<!-- study:${name} -->\n\n${blockOf(name, rows)}\n\n<!-- /study -->`,
  );
}

function blockOf(name: string, rows: readonly Row[]): string {
  const block = blocks[name];
  if (block === undefined) throw new RangeError(`study: no block '${name}', only ${Object.keys(blocks).join(', ')}`);
  return block(rows);
}

/** How much of the study there is. */
function extent(rows: readonly Row[]): string {
  const seeds = new Set(rowsOf(rows, shared(cellOf('rft', 0, 0))).map(({ cell }) => cell.seed));
  const trainings = new Set(rowsOf(rows, shared(cellOf('rft', 0, 0))).map(({ cell }) => cell.training));
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  return `${rows.length} cells, ${Math.round(seconds / 60)} minutes of work on a busy machine; ${seeds.size} data seeds with ${trainings.size === 1 ? 'one training seed' : `${trainings.size} training seeds`} in the main table.`;
}
