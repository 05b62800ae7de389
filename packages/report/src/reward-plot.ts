import * as Plot from '@observablehq/plot';
import { assertOptions } from '@svo/mdp';
import { drawPlot } from './dom.ts';

/** The implicit rewards βΔ of one update, in nats times β: the mean over chosen steps and over rejected ones. */
export interface RewardPoint {
  readonly update: number;
  readonly round: number;
  readonly chosen: number;
  readonly rejected: number;
}

/** How the plot looks. */
export interface RewardPlotOptions {
  readonly label?: string;
  readonly width?: number;
  readonly height?: number;
  readonly domain?: readonly [number, number];
}

/**
 * The implicit reward of chosen and rejected steps over training, DVO's Figure 5, as an SVG string: faint points are
 * updates, lines their running mean, vertical rules the start of each round.
 *
 * @param points one an update, in order
 * @param options `label` of the upright axis, 'implicit reward βΔ' by default, for points that hold something else;
 *   `width` 640 and `height` 320 in pixels, `domain` of the upright axis, for plots to be compared side by side
 * @returns an `<svg>`; with no points, a sentence that says so
 * @example
 * ```ts
 * import { rewardPlot } from '@svo/report';
 * rewardPlot([]); // => '<p>No training updates were recorded.</p>'
 * ```
 */
export function rewardPlot(points: readonly RewardPoint[], options: RewardPlotOptions = {}): string {
  assertOptions('rewardPlot', options, ['label', 'width', 'height', 'domain']);
  if (points.length === 0) return '<p>No training updates were recorded.</p>';
  const { label = 'implicit reward βΔ', width = 640, height = 320, domain } = options;
  const window = Math.max(3, Math.round(points.length / 30));
  const long = points.flatMap(({ update, chosen, rejected }) => [
    { update, reward: chosen, side: 'chosen' },
    { update, reward: rejected, side: 'rejected' },
  ]);
  const starts = points.filter((point, i) => i > 0 && point.round !== points[i - 1]!.round).map(({ update }) => update);
  return drawPlot({
    width,
    height,
    marginTop: 34,
    marginLeft: 52,
    marginRight: 68,
    x: { label: 'update', grid: false },
    y: { label, grid: true, ...(domain === undefined ? { nice: true } : { domain }) },
    color: { domain: ['chosen', 'rejected'], range: ['var(--good)', 'var(--bad)'] },
    marks: [
      Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
      Plot.ruleX(starts, { stroke: 'currentColor', strokeOpacity: 0.3, strokeDasharray: '3 4' }),
      Plot.dot(long, { x: 'update', y: 'reward', fill: 'side', r: 1.5, fillOpacity: 0.25 }),
      Plot.line(
        long,
        Plot.windowY({ k: window, anchor: 'middle' }, { x: 'update', y: 'reward', stroke: 'side', strokeWidth: 2.5 }),
      ),
      Plot.text(
        long,
        Plot.selectLast({
          x: 'update',
          y: 'reward',
          z: 'side',
          text: 'side',
          fill: 'side',
          dx: 8,
          textAnchor: 'start',
          fontWeight: 600,
        }),
      ),
    ],
  });
}
