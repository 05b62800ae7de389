/** Text on the colours of steps can be read: WCAG 2.2, 1.4.3, in both schemes. */
import { expect, test } from 'vitest';
import { creditedSolution } from './credited-solution.ts';
import { coloursOf, contentStyle } from './style.ts';

type Rgb = readonly number[];
const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
/** Relative luminance, as WCAG defines it. */
const luminance = (colour: Rgb): number => {
  const [r, g, b] = colour.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (one: Rgb, other: Rgb): number => {
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
};
const over = (colour: Rgb, share: number, ground: Rgb): Rgb =>
  colour.map((c, i) => share * c + (1 - share) * ground[i]!);

const [light, dark] = coloursOf('.x').split('@media') as [string, string];
const named = (css: string, name: string): Rgb => rgb(new RegExp(`--${name}: (#\\w{6})`).exec(css)![1]!);
const ofSteps = (name: string): readonly string[] =>
  new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(contentStyle)!.slice(1);

test.each([
  ['light', light, 0],
  ['dark', dark, 1],
] as const)('%s: black on white is 21, and all text of a step at its strongest colour is 4.5 or more', (_, css, at) => {
  expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21, 10);
  // The strongest share there is, from a credit beyond all others.
  const html = creditedSolution({ prompt: '', right: true, steps: [{ text: '', credit: 2, value: 0 }] });
  const share = Number(/var\(--good\) (\d+)%/.exec(html)![1]) / 100;
  for (const name of ['good', 'bad'])
    for (const ground of ['card', 'page'])
      expect(
        contrast(named(css, 'text'), over(rgb(ofSteps(name)[at]!), share, named(css, ground))),
        `${name} on ${ground}`,
      ).toBeGreaterThan(4.5);
  for (const ground of ['card', 'page']) expect(contrast(named(css, 'muted'), named(css, ground))).toBeGreaterThan(4.5);
  expect(contentStyle).not.toContain('opacity');
});
