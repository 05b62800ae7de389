/** The plots of docs/study.md, as files that stand alone. */
import { type ComparisonPoint, comparisonPlot } from '@svo/report';
import type { Cell, Row } from '../cell.ts';
import {
  baseCell,
  cellOf,
  fewMethods,
  fewQuestions,
  figure7Betas,
  figure7Cell,
  figure7Rates,
  methods,
  searchIterations,
  valueMethods,
} from '../parts.ts';
import { methodLabels } from './labels.ts';
import { decodings, rate } from './markdown.ts';
import { accuracy } from './scores.ts';
import { ofData, ofTuning } from './split.ts';

/** Every plot by its file's name; one without rows is left out. */
export function plots(all: readonly Row[]): Record<string, string> {
  const rows = ofData(all);
  const drawn: Record<string, ComparisonPoint[]> = {
    'methods.svg': [
      ...points(rows, 'from independent draws', 'base', { ...shared(baseCell(0)), method: 'base' }),
      ...(['prefix', 'search'] as const).flatMap((values) =>
        methods.flatMap((method) =>
          points(rows, values === 'prefix' ? 'from independent draws' : 'from search trees', methodLabels[method], {
            ...shared(cellOf(method, 0, 0, { values })),
          }),
        ),
      ),
    ],
    'questions.svg': [...fewQuestions, 100].flatMap((questions) =>
      fewMethods.flatMap((method) =>
        points(rows, `${questions} questions`, methodLabels[method], shared(cellOf(method, 0, 0, { questions }))),
      ),
    ),
    'iterations.svg': searchIterations.flatMap((iterations) =>
      valueMethods.flatMap((method) =>
        points(
          rows,
          methodLabels[method],
          `${iterations} iterations`,
          shared(cellOf(method, 0, 0, { values: 'search', iterations })),
        ),
      ),
    ),
    'figure7.svg': figure7Betas.flatMap((beta) =>
      figure7Rates.flatMap((learningRate) =>
        valueMethods.flatMap((method) =>
          points(
            ofTuning(all),
            `β ${beta}, rate ${rate(learningRate)}`,
            methodLabels[method],
            shared(figure7Cell(method, beta, learningRate)),
          ),
        ),
      ),
    ),
  };
  return Object.fromEntries(
    Object.entries(drawn)
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => [name, standingAlone(comparisonPlot(list))]),
  );
}

/** What cells of a setting have in common: all but the seeds. */
export function shared(cell: Cell): Partial<Cell> {
  const { seed: _, training: __, ...rest } = cell;
  return rest;
}

function points(rows: readonly Row[], group: string, label: string, given: Partial<Cell>): ComparisonPoint[] {
  return decodings.flatMap((series) => {
    const found = accuracy(rows, given, series);
    if (found === undefined) return [];
    const within = (share: number): number => Math.min(1, Math.max(0, share / 100));
    const { mean, low, high } = found;
    return [{ group, label, series, accuracy: mean / 100, low: within(low), high: within(high) }];
  });
}

/** Colours and a ground of its own, where the report's page would give them. */
function standingAlone(svg: string): string {
  const colours = { accent: '#1f5fbf', other: '#b3691b', good: '#17915a', bad: '#cc3a4b', page: '#fbfbf9' };
  const coloured = Object.entries(colours).reduce((text, [name, hex]) => text.replaceAll(`var(--${name})`, hex), svg);
  return `${coloured
    .replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg" color="#1d232b"')
    .replace('background:none', 'background:#fbfbf9')
    .replace('background: none', 'background: #fbfbf9')
    .replace('font-family:inherit', 'font-family:system-ui,sans-serif')
    .replace('font-family: inherit', 'font-family: system-ui, sans-serif')}\n`;
}
