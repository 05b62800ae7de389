/** What was tried for every method, and how the choice carried over. */
import type { Settings } from '@svo/recipes';
import type { Cell, Row } from '../../cell.ts';
import { cellOf, gentle, gentleMethods, pairPlaces, settingsOf, tunedMethods, tuningSizes } from '../../parts.ts';
import { before } from '../../results.ts';
import { type ChainsTuned, chainsGrid, type Tuned, tunedAtFirst, tuningGrid } from '../../tuning.ts';
import { methodLabels } from '../labels.ts';
import { decodings, olderMark, rate, show, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, rowsOf } from '../scores.ts';

interface Tried {
  readonly settings: Settings;
  /** Mean of greedy and sampled accuracy over the seeds it was tried on. */
  readonly score: number;
  readonly seeds: number;
  readonly older: boolean;
}

/** What was tried for a method, the best first; nothing before all of it was tried. */
export const tuned = (rows: readonly Row[], method: Tuned): Tried[] =>
  bestFirst(rows, tuningGrid[method], (settings) => cellOf(method, 0, 0, { settings, sizes: tuningSizes }));

/** The same of the chains. */
export const chainsTuned = (rows: readonly Row[], method: ChainsTuned): Tried[] =>
  bestFirst(rows, chainsGrid[method], (settings) => cellOf(method, 0, 0, { task: 'chains', settings }));

/** Compared on the data seeds that all of a grid was tried on: today's, or an older arithmetic's where these are more. */
function bestFirst(rows: readonly Row[], grid: readonly Settings[], cell: (settings: Settings) => Cell): Tried[] {
  const [now, then] = [false, true].map((older) => {
    const tries = grid.map((settings) =>
      rowsOf(rows, shared(cell(settings))).filter(({ bits }) => (bits === before) === older),
    );
    const [first, ...others] = tries.map((own) => new Set(own.map((row) => row.cell.seed)));
    const seeds = new Set([...first!].filter((seed) => others.every((other) => other.has(seed))));
    return { older, seeds, tries: tries.map((own) => own.filter((row) => seeds.has(row.cell.seed))) };
  });
  const { older, seeds, tries } = then!.seeds.size > now!.seeds.size ? then! : now!;
  if (seeds.size === 0) return [];
  return tries
    .map((own, i): Tried => {
      const [greedy, sampled] = decodings.map((decoding) => accuracy(own, {}, decoding)!.mean);
      return { settings: grid[i]!, score: (greedy! + sampled!) / 2, seeds: seeds.size, older };
    })
    .toSorted((a, b) => b.score - a.score);
}

/** Every method of which all was tried: its tries, and on how many seeds. */
const eachTuned = (rows: readonly Row[]) =>
  [...tunedMethods, ...tunedAtFirst].flatMap((method) => {
    const tried = tuned(rows, method);
    const [best, worst] = [tried[0], tried.at(-1)];
    if (!best || !worst) return [];
    return [{ method, tried, best, worst, seeds: `${best.seeds}${best.older ? ` ${olderMark}` : ''}` }];
  });

export function tuningTable(rows: readonly Row[]): string {
  return table(
    ['', 'best β', 'best rate', 'its score', 'middle of the six', 'worst of the six', 'data seeds'],
    eachTuned(rows).map(({ method, tried, best, worst, seeds }) => [
      methodLabels[method],
      method === 'rft' ? '–' : String(best.settings.beta),
      rate(best.settings.learningRate),
      ...[best.score, (tried[2]!.score + tried[3]!.score) / 2, worst.score].map((score) => score.toFixed(1)),
      seeds,
    ]),
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

/** Where the defaults for pairs were looked for, on the seeds that settings are chosen on. */
export function pairsTable(rows: readonly Row[]): string {
  return table(
    ['', 'β', 'rate', 'greedy', 'sampled'],
    gentleMethods.flatMap((method) =>
      pairPlaces(method).map((settings) => {
        const at = shared(cellOf(method, 0, 0, { settings, sizes: tuningSizes }));
        const shown = decodings.map((decoding) => show(accuracy(rows, at, decoding)));
        return [methodLabels[method], String(settings.beta), rate(settings.learningRate), ...shown];
      }),
    ),
  );
}

/** Where each method was best and where it was worst. */
export function spreadTable(rows: readonly Row[]): string {
  const at = (method: Tuned, { settings: { beta, learningRate } }: Tried): string =>
    method === 'rft' ? rate(learningRate) : `β ${beta}, ${rate(learningRate)}`;
  return table(
    ['', 'best at', 'score', 'worst at', 'score', 'data seeds'],
    eachTuned(rows).map(({ method, best, worst, seeds }) => [
      methodLabels[method],
      ...[best, worst].flatMap((one) => [at(method, one), one.score.toFixed(1)]),
      seeds,
    ]),
  );
}
