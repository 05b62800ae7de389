/** What was tried for every method, and how the choice carried over. */
import type { Settings } from '@svo/recipes';
import type { Cell, Row } from '../../cell.ts';
import { cellOf, gentle, gentleMethods, settingsOf, tunedMethods, tuningSizes } from '../../parts.ts';
import { type ChainsTuned, chainsGrid, type Tuned, tunedOn, tuningGrid } from '../../tuning.ts';
import { methodLabels } from '../labels.ts';
import { decodings, olderMark, rate, show, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy } from '../scores.ts';

interface Tried {
  readonly settings: Settings;
  /** Mean of greedy and sampled accuracy over the seeds it was tried on. */
  readonly score: number;
  readonly older: boolean;
}

/** What was tried for a method, the best first. */
export const tuned = (rows: readonly Row[], method: Tuned): Tried[] =>
  bestFirst(
    rows,
    tuningGrid[method],
    (settings) => cellOf(method, 0, 0, { settings, sizes: tuningSizes }),
    tunedOn(method),
  );

/** The same of the chains, on one seed. */
export const chainsTuned = (rows: readonly Row[], method: ChainsTuned): Tried[] =>
  bestFirst(rows, chainsGrid[method], (settings) => cellOf(method, 0, 0, { task: 'chains', settings }), 1);

const bestFirst = (
  rows: readonly Row[],
  grid: readonly Settings[],
  cell: (settings: Settings) => Cell,
  seeds: number,
): Tried[] =>
  grid
    .flatMap((settings) => {
      const [greedy, sampled] = decodings.map((decoding) => accuracy(rows, shared(cell(settings)), decoding));
      if (greedy === undefined || greedy.seeds < seeds) return [];
      return [{ settings, score: (greedy.mean + sampled!.mean) / 2, older: greedy.older }];
    })
    .toSorted((a, b) => b.score - a.score);

export function tuningTable(rows: readonly Row[]): string {
  return table(
    ['', 'best β', 'best rate', 'its score', 'middle of the six', 'worst of the six', 'data seeds'],
    tunedMethods.map((method) => {
      const tried = tuned(rows, method);
      if (tried.length < tuningGrid[method].length) return [];
      const [best, worst] = [tried[0]!, tried.at(-1)!];
      const middle = (tried[2]!.score + tried[3]!.score) / 2;
      const beta = method === 'rft' ? '–' : String(best.settings.beta);
      return [
        methodLabels[method],
        beta,
        rate(best.settings.learningRate),
        ...[best.score, middle, worst.score].map((score) => score.toFixed(1)),
        `${tunedOn(method)}${best.older ? ` ${olderMark}` : ''}`,
      ];
    }),
  );
}

/** Pairs at the gentler setting, beside the one that was chosen. */
export function transferTable(rows: readonly Row[]): string {
  return table(
    ['', 'chosen: greedy', 'chosen: sampled', 'gentler: greedy', 'gentler: sampled'],
    gentleMethods.map((method) => [
      methodLabels[method],
      ...[settingsOf(method), gentle(method)].flatMap((settings) =>
        decodings.map((decoding) => show(accuracy(rows, shared(cellOf(method, 0, 0, { settings })), decoding))),
      ),
    ]),
  );
}

/** Where each method was best and where it was worst. */
export function spreadTable(rows: readonly Row[]): string {
  const at = (method: Tuned, { settings: { beta, learningRate } }: Tried): string =>
    method === 'rft' ? rate(learningRate) : `β ${beta}, ${rate(learningRate)}`;
  return table(
    ['', 'best at', 'score', 'worst at', 'score', 'data seeds'],
    tunedMethods.map((method) => {
      const tried = tuned(rows, method);
      if (tried.length < tuningGrid[method].length) return [];
      const [best, worst] = [tried[0]!, tried.at(-1)!];
      const cells = [best, worst].flatMap((one) => [at(method, one), one.score.toFixed(1)]);
      return [methodLabels[method], ...cells, `${tunedOn(method)}${best.older ? ` ${olderMark}` : ''}`];
    }),
  );
}
