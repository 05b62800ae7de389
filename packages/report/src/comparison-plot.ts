import * as Plot from '@observablehq/plot';
import { drawPlot } from './dom.ts';

/** One method's accuracy in one setting: a share in [0, 1] with its 95 % interval. */
export interface ComparisonPoint {
  /** The panel it stands in. */
  readonly group: string;
  /** The row: what is compared. */
  readonly label: string;
  /** The colour: how it was measured. */
  readonly series: string;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Methods side by side as an SVG string: a row a method, a panel a group, a point and its 95 % interval for each series.
 *
 * @param points rows, panels and series in the order they first come; `reference` draws an upright line in every panel
 * @returns an `<svg>` whose colours are the page's CSS variables
 * @example
 * ```ts
 * import { comparisonPlot } from '@svo/report';
 * const svg = comparisonPlot([{ group: 'draws', label: 'RFT', series: 'greedy', accuracy: 0.6, low: 0.55, high: 0.65 }]);
 * svg.startsWith('<svg'); // => true
 * ```
 */
export function comparisonPlot(points: readonly ComparisonPoint[]): string {
  const distinct = (of: (point: ComparisonPoint) => string): string[] => [...new Set(points.map(of))];
  const [groups, rows, series] = [distinct((p) => p.group), distinct((p) => p.label), distinct((p) => p.series)];
  const shown = points.map((point) => ({
    ...point,
    accuracy: 100 * point.accuracy,
    low: 100 * point.low,
    high: 100 * point.high,
    // Series of one row lie beside each other, so that their intervals can be told apart.
    place: rows.indexOf(point.label) + 0.28 * (series.indexOf(point.series) - (series.length - 1) / 2),
  }));
  const range = ['var(--accent)', 'var(--other)', 'var(--good)', 'var(--bad)'].slice(0, series.length);
  // As wide as the longest label, at about seven pixels a letter.
  const left = Math.max(170, 24 + 7 * Math.max(0, ...rows.map(({ length }) => length)));
  return drawPlot({
    width: left + 170 + 330 * groups.length,
    height: 90 + 44 * rows.length,
    marginTop: 56,
    marginLeft: left,
    marginRight: 40,
    fx: { domain: groups, label: null, padding: 0.1 },
    x: { domain: [0, 108], label: 'questions answered right, %', grid: true, ticks: [0, 25, 50, 75, 100] },
    y: {
      domain: [rows.length - 0.5, -0.5],
      ticks: rows.map((_, index) => index),
      tickFormat: (index: number) => rows[index] ?? '',
      label: null,
      tickSize: 0,
    },
    color: { domain: series, range, legend: false },
    marks: [
      Plot.ruleX([0], { stroke: 'currentColor', strokeOpacity: 0.3 }),
      Plot.ruleY(shown, { fx: 'group', y: 'place', x1: 'low', x2: 'high', stroke: 'series', strokeWidth: 3 }),
      Plot.dot(shown, { fx: 'group', y: 'place', x: 'accuracy', r: 5, fill: 'series' }),
      Plot.text(shown, {
        fx: 'group',
        y: 'place',
        x: 'high',
        text: (point: ComparisonPoint) => point.accuracy.toFixed(1),
        dx: 5,
        textAnchor: 'start',
        fill: 'currentColor',
        fontSize: 11,
      }),
    ],
  });
}
