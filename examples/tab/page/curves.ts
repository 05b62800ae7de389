/** Curves of shares over updates, as a small drawing with a line a series and its last value beside it. */
import type { Point } from '../story/picture.ts';
import { percent, svg } from './dom.ts';

export interface Series {
  readonly name: string;
  /** A class of the style sheet: its colour and its dashes. */
  readonly style: string;
  readonly points: readonly Point[];
}

const height = 230;
const room = { top: 14, right: 108, bottom: 46, left: 48 };

/** Draws into `svg`, which is replaced as a whole: a few hundred points at most. */
export function drawCurves(
  target: SVGSVGElement,
  series: readonly Series[],
  { most, unit, what }: { readonly most: number; readonly unit: string; readonly what: string },
): void {
  const width = Math.max(260, target.parentElement?.clientWidth ?? 600);
  const inner = { width: width - room.left - room.right, height: height - room.top - room.bottom };
  const x = (step: number): number => room.left + (inner.width * step) / Math.max(1, most);
  const y = (share: number): number => room.top + inner.height * (1 - share);
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    svg(
      'g',
      { class: 'grid' },
      svg('line', { x1: room.left, x2: room.left + inner.width, y1: y(share), y2: y(share) }),
      svg(
        'text',
        { x: room.left - 8, y: y(share) + 4, 'text-anchor': 'end' },
        share === 1 ? '100 %' : String(100 * share),
      ),
    ),
  );
  const ticks = ticksUpTo(most, inner.width).map((step) =>
    svg('text', { class: 'tick', x: x(step), y: height - 28, 'text-anchor': 'middle' }, String(step)),
  );
  const axis = svg('text', { class: 'tick', x: x(most), y: height - 8, 'text-anchor': 'end' }, unit);
  const shown = series.filter(({ points }) => points.length > 0);
  const labels = apart(shown.map(({ points }) => y(points.at(-1)!.value)));
  const drawn = shown.map(({ name, style, points }, i) => {
    const last = points.at(-1)!;
    const d = points.map(({ step, value }, k) => `${k === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`);
    return svg(
      'g',
      { class: `series ${style}` },
      svg('path', { d: d.join('') }),
      svg('circle', { cx: x(last.step), cy: y(last.value), r: 4.5 }),
      svg('text', { x: x(last.step) + 10, y: labels[i]! + 4 }, `${name} ${percent(last.value)}`),
    );
  });
  target.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const said = shown.map(({ name, points }) => `${name} ${percent(points.at(-1)!.value)} after ${points.at(-1)!.step}`);
  target.setAttribute('aria-label', `${what}: ${said.length > 0 ? said.join(', ') : 'nothing yet'}`);
  target.replaceChildren(...lines, ...ticks, axis, ...drawn);
}

/** Round numbers that fit under the axis. */
function ticksUpTo(most: number, width: number): number[] {
  const wanted = Math.max(1, Math.floor(width / 70));
  const step = [5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000].find((one) => most / one <= wanted) ?? most;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** Heights of labels, moved so that none lies on another. */
function apart(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  for (const [k, i] of order.entries()) if (k > 0) moved[i] = Math.max(moved[i]!, moved[order[k - 1]!]! + 16);
  return moved;
}
