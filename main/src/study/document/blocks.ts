/** The generated parts of docs/study.md: what stands between `<!-- study:NAME -->` and `<!-- /study -->`. */
import type { Settings } from '@svo/recipes';
import type { Cell, Method, Row } from '../cell.ts';
import type { Interval } from '../intervals.ts';
import {
  baseCell,
  cellOf,
  fewQuestions,
  gentle,
  gentleMethods,
  methods,
  searchIterations,
  settingsOf,
  valueWays,
} from '../parts.ts';
import { tuningGrid } from '../tuning.ts';
import { findingsTable } from './findings.ts';
import { methodLabels } from './labels.ts';
import { shared } from './plots.ts';
import { accuracy, difference, rowsOf } from './scores.ts';

const blocks: Readonly<Record<string, (rows: readonly Row[]) => string>> = {
  methods: methodsTable,
  differences: differencesTable,
  tuning: tuningTable,
  transfer: transferTable,
  questions: questionsTable,
  values: valuesTable,
  iterations: iterationsTable,
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

function methodsTable(rows: readonly Row[]): string {
  const given = (method: Method, values: Cell['values']): Partial<Cell> =>
    shared(method === 'base' ? baseCell(0) : cellOf(method, 0, 0, { values }));
  const row = (method: Method): string[] => {
    const cells = (['prefix', 'search'] as const).flatMap((values) =>
      (['greedy', 'sampled'] as const).map((decoding) => show(accuracy(rows, given(method, values), decoding))),
    );
    return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
  };
  return table(
    ['', 'draws: greedy', 'draws: sampled', 'trees: greedy', 'trees: sampled'],
    (['base', ...methods] as const).map(row),
  );
}

function differencesTable(rows: readonly Row[]): string {
  const other = methods.filter((method) => method !== 'dvo');
  return table(
    ['DVO, step by step, against', 'draws: greedy', 'draws: sampled', 'trees: greedy', 'trees: sampled'],
    other.map((method) => {
      const cells = (['prefix', 'search'] as const).flatMap((values) =>
        (['greedy', 'sampled'] as const).map((decoding) =>
          signed(
            difference(
              rows,
              [shared(cellOf('dvo', 0, 0, { values })), shared(cellOf(method, 0, 0, { values }))],
              decoding,
            ),
          ),
        ),
      );
      return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
    }),
  );
}

/** Mean of greedy and sampled accuracy over the tuning seeds, for every setting that was tried: the best, and how far the worst lies. */
export function tuned(rows: readonly Row[], method: Exclude<Method, 'base'>): { settings: Settings; score: number }[] {
  return tuningGrid[method]
    .flatMap((settings) => {
      const found = rowsOf(rows, { method, settings, training: 1 }).filter(({ cell }) => cell.sizes.questions === 250);
      const scores = found.map((row) => (50 * (row.greedy + row.sampled)) / row.of);
      return scores.length < 2 ? [] : [{ settings, score: scores.reduce((sum, x) => sum + x, 0) / scores.length }];
    })
    .toSorted((a, b) => b.score - a.score);
}

function tuningTable(rows: readonly Row[]): string {
  return table(
    ['', 'best β', 'best rate', 'its score', 'middle of the six', 'worst of the six'],
    methods.map((method) => {
      const tried = tuned(rows, method);
      if (tried.length < tuningGrid[method].length) return [];
      const [best, worst] = [tried[0]!, tried.at(-1)!];
      const middle = (tried[2]!.score + tried[3]!.score) / 2;
      const beta = method === 'rft' ? '–' : String(best.settings.beta);
      return [
        methodLabels[method],
        beta,
        best.settings.learningRate.toExponential().replace('e-', 'e−'),
        ...[best.score, middle, worst.score].map((score) => score.toFixed(1)),
      ];
    }),
  );
}

/** Pairs at the gentler setting, beside the one that was chosen. */
function transferTable(rows: readonly Row[]): string {
  return table(
    ['', 'chosen: greedy', 'chosen: sampled', 'gentler: greedy', 'gentler: sampled'],
    gentleMethods.map((method) => [
      methodLabels[method],
      ...[settingsOf(method), gentle(method)].flatMap((settings) =>
        (['greedy', 'sampled'] as const).map((decoding) =>
          show(accuracy(rows, shared(cellOf(method, 0, 0, { settings })), decoding)),
        ),
      ),
    ]),
  );
}

function questionsTable(rows: readonly Row[]): string {
  return table(
    ['sampled', ...[...fewQuestions, 100].map((count) => `${count} questions`)],
    (['rft', 'dpo', 'dvo-outcome', 'dvo-response', 'dvo'] as const).map((method) => [
      methodLabels[method],
      ...[...fewQuestions, 100].map((questions) =>
        show(accuracy(rows, shared(cellOf(method, 0, 0, { questions })), 'sampled')),
      ),
    ]),
  );
}

const wayLabels: Readonly<Record<Cell['values'], string>> = {
  prefix: 'shared prefixes of 16 draws (`prefixValues`)',
  search: 'MCTS, 16 iterations (`searchValues`)',
  rollouts: '16 rollouts from every state of 16 draws (`rolloutValues`)',
};

function valuesTable(rows: readonly Row[]): string {
  return table(
    ['values by', 'step: greedy', 'step: sampled', 'response: greedy', 'response: sampled'],
    valueWays.map((values) => {
      const cells = (['dvo', 'dvo-response'] as const).flatMap((method) =>
        (['greedy', 'sampled'] as const).map((decoding) =>
          show(accuracy(rows, shared(cellOf(method, 0, 0, { values })), decoding)),
        ),
      );
      return cells.every((cell) => cell === open) ? [] : [wayLabels[values], ...cells];
    }),
  );
}

function iterationsTable(rows: readonly Row[]): string {
  return table(
    ['iterations', 'step: greedy', 'step: sampled', 'response: greedy', 'response: sampled'],
    searchIterations.map((iterations) => {
      const cells = (['dvo', 'dvo-response'] as const).flatMap((method) =>
        (['greedy', 'sampled'] as const).map((decoding) =>
          show(accuracy(rows, shared(cellOf(method, 0, 0, { values: 'search', iterations })), decoding)),
        ),
      );
      return cells.every((cell) => cell === open) ? [] : [String(iterations), ...cells];
    }),
  );
}

/** How much of the study there is. */
function extent(rows: readonly Row[]): string {
  const seeds = new Set(rowsOf(rows, shared(cellOf('dvo', 0, 0))).map(({ cell }) => cell.seed));
  const trainings = new Set(rowsOf(rows, shared(cellOf('dvo', 0, 0))).map(({ cell }) => cell.training));
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  return `${rows.length} cells, ${Math.round(seconds / 60)} minutes of work on a busy machine; ${seeds.size} data seeds with ${trainings.size === 1 ? 'one training seed' : `${trainings.size} training seeds`} in the main table.`;
}

/** What has not been worked out. */
const open = '–';
const minus = (text: string): string => text.replaceAll('-', '−');
const bound = (x: number): string => minus(x.toFixed(1));

export const show = (interval: Interval | undefined): string =>
  interval === undefined
    ? open
    : interval.seeds === 1
      ? `${interval.mean.toFixed(1)} (one seed)`
      : `${interval.mean.toFixed(1)} (${bound(Math.max(0, interval.low))} to ${bound(Math.min(100, interval.high))})`;

export const signed = (interval: Interval | undefined): string =>
  interval === undefined
    ? open
    : `${interval.mean >= 0 ? '+' : ''}${bound(interval.mean)}${interval.seeds === 1 ? ' (one seed)' : ` (${bound(interval.low)} to ${bound(interval.high)})`}`;

/** A Markdown table padded as the house's formatter does it; rows without cells are left out. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = body.filter((row) => row.length > 0);
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
