import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countdownVerifier } from './countdown.ts';

const judged = (answer: string, response: string) => countdownVerifier({ id: 'q', prompt: '', answer }, response);

test.each([
  ['24 from 4 4 6 8', 'Final Answer: (4 + 8) * (6 - 4) = 24'],
  ['24 from 4 4 6 8', '4+8=12\n\n6-4=2\n\n12*2=24\n\nFinal Answer: (4+8)*(6-4)'],
  ['24 from 4, 4, 6, 8', 'Answer: (4 + 8) × (6 − 4) = 24.'],
  ['24 from 4 4 6 8', '\\boxed{(4+8) \\times (6-4)}'],
  ['24 from 4 4 6 8', 'Final Answer: $\\left(4+8\\right)\\cdot(6-4)$'],
  ['24 from 4 4 6 8', '<think>4+4</think>\n<answer>(4+8)*(6-4)</answer>'],
  ['24 from 4 4 6 8', 'The answer is **[4 + 8] * [6 - 4]**.'],
  ['24 from 4 4 6 8', '24 = (4+8)*(6-4)'],
  ['24 from 4 4 6 8', 'Final Answer: (4+8)*(6-4) = 12*2 = 24'],
  ['24 from 3 3 8 8', 'Final Answer: \\frac{8}{3 - \\frac{8}{3}}'],
  ['24 from 3 3 7 7', 'Final Answer: 7 x (3 + 3/7)'],
  ['100 from 25 4', '#### 25 * 4'],
])('%s: %j is right', (answer, response) => {
  expect(judged(answer, response)).toMatchObject({ equivalent: true, how: 'calculation' });
});

test.each([
  ['a number twice', 'Final Answer: 4*6', 'numbers'],
  ['a number that was not given', 'Final Answer: (4+8)*(6-4)*1', 'numbers'],
  ['digits put together', 'Final Answer: 44-6-8', 'numbers'],
  ['another value', 'Final Answer: 4+4+6+8', 'value'],
  ['an equation that is not true', 'Final Answer: 4+4+6+8 = 24', 'value'],
  ['a right calculation, called something else', 'Final Answer: (4+8)*(6-4) = 25', 'value'],
  ['zero divides', 'Final Answer: 6*8/(4-4)', 'value'],
  ['a sign before a number', 'Final Answer: -4+4*(6+8)', 'unreadable'],
  ['a power', 'Final Answer: (4+8)*(6-4)**1', 'unreadable'],
  ['a decimal point', 'Final Answer: (4.0+8)*(6-4)', 'unreadable'],
  ['a product without a sign', 'Final Answer: (4+8)(6-4)', 'unreadable'],
  ['code', 'Final Answer: process.exit(4+4+6+8)', 'unreadable'],
  ['a bracket that is left open', 'Final Answer: ((4+8)*(6-4)', 'unreadable'],
  ['words', 'Final Answer: 24 is not possible', 'unreadable'],
  ['nothing', '', 'no answer'],
])('%s', (_what, response, how) => {
  expect(judged('24 from 4 4 6 8', response)).toMatchObject({ equivalent: false, how });
});

test.each(['24', '24 from', 'from 1 2', '24 from a b', '-24 from 1 2'])('%j is no puzzle', (answer) => {
  expect(() => judged(answer, 'Final Answer: 1')).toThrow(
    "countdownVerifier: the answer of question 'q' must be a target and numbers",
  );
});

test('any response has a verdict, and the same one again', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2_000 }), fc.constantFrom('', 'Final Answer: ', '\\boxed{'), (text, before) => {
      const verdict = judged('24 from 4 4 6 8', before + text);
      expect(verdict.equivalent).toBeDefined();
      expect(judged('24 from 4 4 6 8', before + text)).toEqual(verdict);
    }),
  );
});

test('bombs are unreadable or wrong, not slow', () => {
  for (const bomb of ['('.repeat(1e6), '9*'.repeat(1e6), `${'('.repeat(240)}1${')'.repeat(240)}`, '=1'.repeat(1e6)])
    expect(judged('24 from 4 4 6 8', `Final Answer: ${bomb}`).equivalent).toBe(false);
});
