/** Our evaluator and our exact arithmetic against mathjs, on expressions that we print ourselves: nobody's text reaches its parser. */
import { all, create } from 'mathjs';
import { expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import { real } from '../numbers/complex.ts';
import { exactValue } from '../numbers/exact.ts';
import { evaluate } from '../numbers/numeric.ts';
import { toNumber } from '../numbers/rational.ts';
import { fuzzCase } from '../test-support/fuzz.ts';
import { read } from '../test-support/reading.ts';

const math = create(all!, {});

test('3,000 expressions: the value at a point is mathjs’s value, within the error we state', () => {
  let compared = 0;
  for (let n = 0; compared < 3000; n++) {
    const { prediction, expected } = fuzzCase(7, n);
    if (expected === undefined || /[\\{]/.test(prediction)) continue;
    const scope = { x: 0.7, y: 1.9, n: 3, a: 2.4 };
    const theirs: unknown = math.evaluate(prediction.replace(/\bln\b/g, 'log'), { ...scope });
    const ours = evaluate(read(prediction), {
      budget: createBudget(),
      values: new Map(Object.entries(scope).map(([name, value]) => [name, real(value, 0)])),
      roundedFrom: Number.POSITIVE_INFINITY,
      logBase: 'e',
      notes: { swallowed: false },
    });
    const { re, im } = math.complex(theirs as number);
    if (!Number.isFinite(re) || !Number.isFinite(im) || !Number.isFinite(ours.re)) continue;
    const gap = Math.hypot(re - ours.re, im - ours.im);
    expect(gap, prediction).toBeLessThanOrEqual(8 * ours.err + 1e-12 * Math.hypot(re, im));
    compared++;
  }
});

test('rational values agree with mathjs fractions', () => {
  for (const text of [
    '1/3+1/6',
    '(2/3)^5-7/11',
    '10!/(3!*7!)',
    '2^40/3^20',
    '-7/2+(5/4)*(8/3)',
    '1/(1+1/(1+1/(1+1/2)))',
  ]) {
    const theirs = math.evaluate(text.replace(/(\d+)!/g, 'factorial($1)')) as number;
    expect(toNumber(exactValue(read(text), createBudget())!), text).toBeCloseTo(theirs, 12);
  }
});
