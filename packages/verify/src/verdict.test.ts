import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEquivalent, verifyAnswer } from './verdict.ts';

test('a verdict says how it was reached and, for a response, what was judged', () => {
  expect(isEquivalent('1/2', '0.5')).toEqual({ equivalent: true, how: 'rational' });
  expect(verifyAnswer('72', '48 + 24 = 72\n#### 72')).toEqual({ equivalent: true, how: 'identical', answer: '72' });
  expect(verifyAnswer('72', '')).toEqual({ equivalent: false, how: 'no answer' });
});

test('numbers in subscripts tell variables apart; other subscripts, and one that is missing, do not', () => {
  const verdict = (gold: string, answer: string) => isEquivalent(gold, answer).equivalent;
  for (const [gold, answer] of [
    ['x_1=3', 'x_2=3'],
    ['x₁ = 3', 'x₂ = 3'],
    ['F_{10}=55', 'F_{11}=55'],
    ["x_1'=3", "x_2'=3"],
  ] as const)
    expect([verdict(gold, answer), verdict(answer, gold)], gold).toEqual([false, false]);
  for (const [gold, answer] of [
    ['x_1=3', 'x_{1}=3'],
    ['x₁=3', 'x_{01}=3'],
    ['x_1=3', 'x=3'],
    ['A_{total}=5', 'A_{sum}=5'],
  ] as const)
    expect([verdict(gold, answer), verdict(answer, gold)], gold).toEqual([true, true]);
});

test('characters of full width are ASCII’s', () => {
  for (const [gold, answer] of [
    ['3', '３'],
    ['12.5', '１２．５'],
    ['(1,2)', '（１，２）'],
    ['x=2', 'ｘ＝２'],
  ] as const)
    expect(isEquivalent(gold, answer).equivalent, answer).toBe(true);
  expect(isEquivalent('3', '４').equivalent).toBe(false);
});

/** Any code units, halves of pairs among them: fast-check's own tables of characters take a second to make. */
const texts = fc.array(fc.nat(0xffff), { maxLength: 60 }).map((units) => String.fromCharCode(...units));

test('every text but an empty one is equal to itself; none throws', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(
        isEquivalent(text, text).equivalent === true ||
          text.trim() === '' ||
          isEquivalent(text, text).how === 'no answer',
      ).toBe(true);
      verifyAnswer(text, text);
    }),
  );
});

test('whole numbers: equal exactly when they are', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
      expect(isEquivalent(String(a), String(b)).equivalent).toBe(a === b);
      expect(verifyAnswer(String(a), `So the final answer is ${b}.`).equivalent).toBe(a === b);
      expect(isEquivalent(String(a), `\\boxed{${a}}`).equivalent).toBe(true);
    }),
  );
});

test('fractions: equal exactly when cross products are, however they are written', () => {
  const n = fc.integer({ min: -200, max: 200 });
  const d = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(n, d, n, d, (a, b, c, e) => {
      expect(isEquivalent(`\\frac{${a}}{${b}}`, `${c}/${e}`).equivalent).toBe(a * e === b * c);
    }),
  );
});

test('the order of a set and the form of an interval don’t matter, the brackets do', () => {
  const xs = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(xs, (items) => {
      expect(isEquivalent(`\\{${items.join(', ')}\\}`, [...items].reverse().join(', ')).equivalent).toBe(true);
      const [lo, hi] = [Math.min(...items), Math.max(...items)];
      expect(isEquivalent(`[${lo}, ${hi})`, `${lo} \\le x < ${hi}`).equivalent).toBe(true);
      expect(isEquivalent(`[${lo}, ${hi})`, `(${lo}, ${hi}]`).equivalent).toBe(false);
    }),
  );
});
