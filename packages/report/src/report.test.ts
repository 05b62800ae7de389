import * as Plot from '@observablehq/plot';
import { expect, test } from 'vitest';
import { comparisonPlot } from './comparison-plot.ts';
import {
  accuracyPlot,
  creditedSolution,
  drawPlot,
  escapeHtml,
  htmlTable,
  reportPage,
  reportPart,
  rewardPlot,
} from './index.ts';

const hostile = '<img src=x onerror="alert(1)">&\'';

test('text from a model never becomes markup', () => {
  expect(escapeHtml(hostile)).not.toMatch(/[<>"']/);
  const html = creditedSolution({ prompt: hostile, right: false, steps: [{ text: hostile, credit: -1, value: 0 }] });
  expect(html).not.toContain('<img');
  expect(htmlTable([hostile], [[hostile]])).not.toContain('<img');
  expect(
    reportPage({ title: hostile, lead: hostile, facts: [[hostile, hostile]] }, [{ title: hostile, html: '' }]),
  ).not.toContain('<img');
});

test('the page reaches for nothing outside itself and knows both colour schemes', () => {
  const html = reportPage({ title: 't', lead: 'l', facts: [] }, [{ title: 's', note: 'n', html: accuracyPlot([]) }]);
  expect(html).not.toMatch(/<script|<link|@import|url\(|src="http/);
  expect(html).toContain('prefers-color-scheme: dark');
});

test('an accuracy plot shows one point, one interval and one number an evaluation', () => {
  const svg = accuracyPlot([
    { label: 'base', kind: 'base', accuracy: 0.421, low: 0.38, high: 0.46 },
    { label: 'round 1', kind: 'round', accuracy: 0.5, low: 0.46, high: 0.54 },
    { label: 'RFT', kind: 'comparison', accuracy: 0.48, low: 0.44, high: 0.52 },
  ]);
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain('42.1');
  expect(svg).toContain('RFT');
});

test('a reward plot has both sides, and a rule where a round begins', () => {
  const points = Array.from({ length: 20 }, (_, update) => ({
    update,
    round: update < 10 ? 1 : 2,
    chosen: update,
    rejected: -update,
  }));
  const svg = rewardPlot(points);
  expect(svg.match(/<circle/g)).toHaveLength(40);
  expect(svg).toContain('rejected');
  expect(svg).toContain('stroke-dasharray');
  expect(svg).toContain('implicit reward');
  const small = rewardPlot(points, { label: 'nats', width: 200, height: 100, domain: [-50, 50] });
  expect(small).toMatch(/<svg[^>]*width="200"[^>]*/);
  expect(small).toContain('nats');
});

test('credit decides a step’s colour, its size the strength', () => {
  const html = creditedSolution({
    prompt: 'q',
    right: true,
    steps: [
      { text: 'a', credit: 0.9, value: 0 },
      { text: 'b', credit: -0.1, value: 0.5 },
    ],
  });
  const [good, bad] = [...html.matchAll(/color-mix\(in srgb, var\(--(\w+)\) (\d+)%/g)].map(([, side, share]) => [
    side,
    Number(share),
  ]);
  expect(good![0]).toBe('good');
  expect(bad![0]).toBe('bad');
  expect(good![1]).toBeGreaterThan(bad![1] as number);
});

test('a table row of the wrong length is refused by name', () => {
  expect(() => htmlTable(['a', 'b'], [['1']])).toThrow('htmlTable: a row must have 2 cells as the head has, got 1');
});

test('a comparison plot shows a point and an interval for every method, panel and series', () => {
  const groups = ['draws', 'trees'];
  const series = ['greedy', 'sampled'];
  const points = groups.flatMap((group) =>
    ['base', 'RFT', '<DVO>'].flatMap((label) =>
      series.map((of) => ({ group, label, series: of, accuracy: 0.5, low: 0.4, high: 0.6 })),
    ),
  );
  const svg = comparisonPlot(points);
  expect(svg.match(/<circle/g)).toHaveLength(12);
  expect(svg).toContain('&lt;DVO&gt;');
  for (const group of groups) expect(svg).toContain(group);
});

test('a part brings every colour that its drawings name, and styles nothing outside itself', () => {
  const svg = drawPlot({ marks: [Plot.dot([1, 2], { x: [0, 1], y: [1, 2], fill: 'var(--accent)' })] });
  expect(svg.match(/<circle/g)).toHaveLength(2);
  const drawn = [
    svg,
    accuracyPlot([{ label: 'base', kind: 'base', accuracy: 0.5, low: 0.4, high: 0.6 }]),
    rewardPlot(Array.from({ length: 20 }, (_, update) => ({ update, round: 1, chosen: update, rejected: -update }))),
    creditedSolution({ prompt: 'q', right: true, steps: [{ text: 'a', credit: 1, value: 0 }] }),
  ].join('');
  const html = reportPart(drawn);
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
  for (const [, name] of drawn.matchAll(/var\((--\w+)\)/g)) expect(style).toContain(`${name}:`);
  expect(style).not.toMatch(/:root|body|<\/style/);
  // Every rule at the top level is the part's own, or the dark scheme's for it.
  const outer = style.replaceAll(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, '');
  expect(outer.trim().split(/\s*\n\s*/)).toEqual(['.svo-part', '@media (prefers-color-scheme: dark)', '.svo-part']);
});
