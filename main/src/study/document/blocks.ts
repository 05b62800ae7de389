/** The generated parts of docs/study.md, docs/hyper-parameters.md and the README: what stands between `<!-- study:NAME -->` and `<!-- /study -->`. */
import { readMainJob } from '../main-job.ts';
import type { KeptRow } from '../results.ts';
import { findingsTable } from './findings.ts';
import { ofData, ofTuning } from './split.ts';
import { ablationsTable, beamsTable } from './tables/ablations.ts';
import { baseTable, chainsTable, roundsTable } from './tables/elsewhere.ts';
import { extent, timeTable } from './tables/extent.ts';
import { gradientsTable } from './tables/gradients.ts';
import { guidedTable } from './tables/guided.ts';
import { mainJobTable } from './tables/main-job.ts';
import { figure7Table, mapTable } from './tables/map.ts';
import { differencesTable, methodsTable } from './tables/methods.ts';
import { questionsTable } from './tables/questions.ts';
import { endsTable, estimatesTable, iterationsTable, valuesTable } from './tables/step-credits.ts';
import { pairsTable, spreadTable, transferTable, tuningTable } from './tables/tuning.ts';

type Block = (rows: readonly KeptRow[]) => string;

const data =
  (block: Block): Block =>
  (rows) =>
    block(ofData(rows));
const tuning =
  (block: Block): Block =>
  (rows) =>
    block(ofTuning(rows));

const blocks: Readonly<Record<string, Block>> = {
  findings: findingsTable,
  methods: data(methodsTable),
  differences: data(differencesTable),
  figure7: tuning(figure7Table),
  estimates: data(estimatesTable),
  values: data(valuesTable),
  iterations: data(iterationsTable('dvo', 'dvo-response')),
  iterationsOpenEnds: data(iterationsTable('dvo-open-ends', 'dvo-response-open-ends')),
  transfer: data(transferTable),
  ends: data(endsTable),
  tuning: tuning(tuningTable),
  spread: tuning(spreadTable),
  pairs: tuning(pairsTable),
  map: tuning(mapTable),
  ablations: data(ablationsTable),
  beams: data(beamsTable),
  gradients: gradientsTable,
  guided: guidedTable,
  rounds: data(roundsTable),
  base: data(baseTable),
  chains: data(chainsTable),
  questionsGreedy: data(questionsTable('greedy')),
  questionsSampled: data(questionsTable('sampled')),
  extent,
  time: timeTable,
  mainJob: () => mainJobTable(readMainJob()),
};

/** The document with every block made anew. */
export function filled(document: string, rows: readonly KeptRow[]): string {
  return document.replaceAll(
    /<!-- study:(\w+) -->[\s\S]*?<!-- \/study -->/g,
    (_, name: string) => `<!-- study:${name} -->\n\n${blockOf(name, rows)}\n\n<!-- /study -->`,
  );
}

function blockOf(name: string, rows: readonly KeptRow[]): string {
  const block = blocks[name];
  if (block === undefined) throw new RangeError(`study: no block '${name}', only ${Object.keys(blocks).join(', ')}`);
  return block(rows);
}
