/** Policy gradients and process rewards beside others, on the data seeds they were run on and in the arithmetic they were run with. */
import type { Method, Row } from '../../cell.ts';
import { baseCell, cellOf, gradientMethods, gradientRivals, methods, settingsOf } from '../../parts.ts';
import { before } from '../../results.ts';
import { tuningGrid } from '../../tuning.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, rate, show, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, rowsOf } from '../scores.ts';
import { ofData, ofTuning } from '../split.ts';
import { tuned } from './tuning.ts';

export function gradientsTable(rows: readonly Row[]): string {
  const todays = ofData(rows).filter(({ bits }) => bits !== before);
  // Those that the main table has too were run on other seeds as well.
  const alone = gradientMethods.filter((method) => !(methods as readonly string[]).includes(method));
  const run = new Set(
    alone.flatMap((method) => rowsOf(todays, shared(cellOf(method, 0, 0))).map(({ cell }) => cell.seed)),
  );
  const own = todays.filter(({ cell }) => run.has(cell.seed));
  const line = (method: Method): string[] => {
    const given = method === 'base' ? { ...shared(baseCell(0)), method } : shared(cellOf(method, 0, 0));
    const cells = decodings.map((decoding) => show(accuracy(own, given, decoding)));
    if (cells.every((cell) => cell === open)) return [];
    const { beta, learningRate } = settingsOf(method);
    const chosen = method === 'base' ? [open, open] : [method === 'rft' ? open : String(beta), rate(learningRate)];
    return [methodLabels[method], ...chosen, tuningScores(rows, method), ...cells];
  };
  return table(
    ['', 'β', 'rate', 'of six settings: best, middle, worst', 'greedy', 'sampled'],
    (['base', ...gradientRivals, ...gradientMethods] as const).map(line),
  );
}

/** Of a gradient's six settings; the others' are in the table of the tuning. */
function tuningScores(rows: readonly Row[], method: Method): string {
  const gradient = gradientMethods.find((one) => one === method);
  if (gradient === undefined) return '';
  const tried = tuned(ofTuning(rows), gradient).map(({ score }) => score);
  if (tried.length < tuningGrid[gradient].length) return open;
  return [tried[0]!, (tried[2]! + tried[3]!) / 2, tried.at(-1)!].map((score) => score.toFixed(1)).join(', ');
}
