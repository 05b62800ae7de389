import { expect, test } from 'vitest';
import { mathSpans, mayHoldMath } from './math.ts';

const inside = (text: string) => mathSpans(text).map(([start, end]) => text.slice(start, end));

test.each([
  ['a $$x$$ b', ['$$x$$']],
  ['a $$x', []],
  ['\\$$x$$y$$', ['$$y$$']],
  ['\\$$$x$$', ['$$x$$']],
  ['$$x\\$$ y$$', ['$$x\\$$ y$$']],
  ['\\[x\\] \\[y', ['\\[x\\]']],
  ['a\\\\[2pt] b \\]', []],
  ['\\[ a \\\\[2pt] b \\]', ['\\[ a \\\\[2pt] b \\]']],
  ['\\begin{align}x\\end{align}', ['\\begin{align}x\\end{align}']],
  ['\\begin{align*}x\\end{align}', []],
  [
    '\\begin{align}\\begin{align}x\\end{align}y\\end{align}',
    ['\\begin{align}\\begin{align}x\\end{align}y\\end{align}'],
  ],
  ['\\begin{align}\\begin{align}x\\end{align}', ['\\begin{align}x\\end{align}']],
  ['\\begin{enumerate}x\\end{enumerate}', []],
  ['a ```x``` b ~~~y~~~', ['```x```', '~~~y~~~']],
  ['$$a\\[b$$c\\]', ['$$a\\[b$$']],
])('%j', (text, spans) => {
  expect(inside(text)).toEqual(spans);
});

test('what cannot hold math is not scanned, and nothing that can is missed', () => {
  expect(['plain $x$', '\\boxed{5}', 'a `b`'].map(mayHoldMath)).toEqual([false, false, false]);
  expect(['$$', '\\[', '\\begin{x}', '```', '~~~'].every(mayHoldMath)).toBe(true);
});
