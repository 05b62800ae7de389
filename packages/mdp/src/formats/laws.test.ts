import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyText, documents, formats } from '../test-support/laws.ts';
import { blankLineFormat } from './blank-line.ts';

const runs = { numRuns: 500 };

/** Where steps meet, as offsets into the text. */
const cuts = (steps: readonly string[]): number[] => {
  let at = 0;
  return steps.slice(0, -1).map((step) => (at += step.length));
};

describe.each(formats.map((format) => ({ format, id: format.id })))('$id', ({ format }) => {
  test('join(split(x)) is x, byte for byte, and no step is empty', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const steps = format.split(text);
        expect(format.join(steps)).toBe(text);
        expect(steps.includes('')).toBe(false);
      }),
      runs,
    );
  });

  test('splitting is deterministic, and the first steps of a text are the steps of its beginning', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, take) => {
        const steps = format.split(text);
        expect(format.split(text)).toEqual(steps);
        const some = steps.slice(0, take % (steps.length + 1));
        if (!format.id.startsWith('token-span')) expect(format.split(format.join(some))).toEqual(some);
      }),
      runs,
    );
  });

  test('the delimiter is a tail of the step; the rest has none', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const step of format.split(text)) {
          const length = format.delimiterLength(step);
          expect(length >= 0 && length <= step.length).toBe(true);
        }
      }),
      runs,
    );
  });

  test('an answer is trimmed, not empty, and part of the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const answer = format.answer(text);
        if (answer === undefined) return;
        expect(answer).not.toBe('');
        expect(answer).toBe(answer.trim());
        if (format.id !== 'xml') expect(text.includes(answer)).toBe(true);
      }),
      runs,
    );
  });
});

const whole = formats.filter(({ id }) => id !== 'token-span-3');

describe.each(whole.map((format) => ({ format, id: format.id })))('$id', ({ format }) => {
  test('never cuts inside display math or a code fence', () => {
    fc.assert(
      fc.property(documents, ({ text, blocks }) => {
        const inside = cuts(format.split(text)).filter((cut) =>
          blocks.some(([start, end]) => start < cut && cut < end),
        );
        expect(inside).toEqual([]);
      }),
      runs,
    );
  });
});

test('blank lines between blocks are all cut: as many steps as parts', () => {
  fc.assert(
    fc.property(documents, ({ text, parts }) => {
      expect(blankLineFormat.split(text).length).toBe(parts);
    }),
    runs,
  );
});

test('hostile texts of a quarter of a megabyte are split in time that grows with their length, not its square', () => {
  const unit = (text: string) => text.repeat(Math.ceil(2 ** 18 / text.length));
  const hostile = [
    '\n',
    '$$',
    '\\[',
    '\\begin{align}',
    '```',
    '\n```',
    '~~~ ',
    '\n```a`',
    '\\',
    '{',
    '\\boxed{',
    '<code>',
    '<step>',
    '\n<step>',
    'Final Answer:',
    '####',
    ' ',
    '\r\n',
    '\n  ',
    '\\begin{align}\\end{cases}',
    '`````````',
  ].map(unit);
  // A quadratic step would take minutes here and hit the runner's limit.
  for (const text of hostile) {
    for (const format of formats.filter(({ id }) => !id.startsWith('token-span'))) {
      const steps = format.split(text);
      expect(steps.reduce((sum, step) => sum + step.length, 0)).toBe(text.length);
      for (const step of steps.slice(0, 1)) format.isTerminal(step);
      format.answer(text);
      format.delimiterLength(text);
    }
  }
});
