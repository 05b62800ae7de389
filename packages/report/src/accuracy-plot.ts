import * as Plot from '@observablehq/plot';
import { drawPlot } from './dom.ts';

/** One evaluation: a share of unseen questions answered right, in [0, 1], with its 95 % interval. */
export interface AccuracyPoint {
  readonly label: string;
  readonly kind: 'base' | 'round' | 'comparison';
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

const colours = { base: 'var(--muted)', round: 'var(--accent)', comparison: 'var(--other)' } as const;

/**
 * Accuracy by round as an SVG string: a point and its 95 % interval for the base, every round, and what is compared with.
 *
 * @param points in the order they are shown, left to right
 * @returns an `<svg>` whose colours are the page's CSS variables
 * @example
 * ```ts
 * import { accuracyPlot } from '@svo/report';
 * const svg = accuracyPlot([{ label: 'base', kind: 'base', accuracy: 0.42, low: 0.38, high: 0.46 }]);
 * svg.startsWith('<svg'); // => true
 * ```
 */
export function accuracyPlot(points: readonly AccuracyPoint[]): string {
  const shown = points.map((point) => ({
    ...point,
    accuracy: 100 * point.accuracy,
    low: 100 * point.low,
    high: 100 * point.high,
  }));
  const rounds = shown.filter(({ kind }) => kind !== 'comparison');
  const colour = ({ kind }: AccuracyPoint): string => colours[kind];
  return drawPlot({
    width: 640,
    height: 320,
    marginTop: 34,
    marginBottom: 36,
    x: { domain: shown.map(({ label }) => label), label: null, padding: 0.6 },
    y: { label: 'questions answered right, %', grid: true, zero: false, nice: true, ticks: 6 },
    marks: [
      Plot.line(rounds, { x: 'label', y: 'accuracy', stroke: 'var(--accent)', strokeWidth: 1.5, strokeOpacity: 0.5 }),
      Plot.ruleX(shown, { x: 'label', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 3, strokeLinecap: 'round' }),
      Plot.dot(shown, { x: 'label', y: 'accuracy', r: 6, fill: colour, stroke: 'var(--page)', strokeWidth: 2 }),
      Plot.text(shown, {
        x: 'label',
        y: 'accuracy',
        text: (point: AccuracyPoint) => point.accuracy.toFixed(1),
        dx: 12,
        textAnchor: 'start',
        fill: 'currentColor',
        fontWeight: 600,
      }),
    ],
  });
}
