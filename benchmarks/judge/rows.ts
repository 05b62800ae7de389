/** Rows to judge: ordinary ones with a known verdict, fuzz cases, and hostile ones. Row n is the same on every machine. */
import { fuzzCase } from '../../packages/verify/src/test-support/fuzz.ts';

/** A row as both judges get it. */
export interface LoadRow {
  readonly kind: 'ordinary' | 'fuzz' | 'hostile';
  readonly answer: string;
  readonly response: string;
  /** What a verdict must be: true must not be called wrong, false must not be called right; null: anything but a fault. */
  readonly expected: boolean | null;
}

/** Texts that make a judge slow, large or faulty. */
const hostile: readonly string[] = [
  `${'9^'.repeat(2000)}9`,
  `${'9^{'.repeat(300)}9${'}'.repeat(300)}`,
  '((((9!)!)!)!)!',
  '10000000000!',
  '10^{10^{10}}',
  '\\sum_{a=1}^{2000}\\sum_{b=1}^{2000}\\sum_{c=1}^{2000} abc',
  '\\sum_{k=1}^{2000} \\frac{1}{k}',
  '{'.repeat(100_000),
  '('.repeat(100_000),
  `${'('.repeat(2500)}x${')'.repeat(2500)}`,
  `${'\\frac{1}{'.repeat(500)}1${'}'.repeat(500)}`,
  '\\boxed{'.repeat(10_000),
  '\\boxed{1} and '.repeat(5_000),
  '$'.repeat(100_000),
  `${' '.repeat(100_000)}1`,
  '7'.repeat(100_000),
  '1,'.repeat(50_000),
  '-'.repeat(5000),
  '</think'.repeat(10_000),
  `${'a '.repeat(50_000)}!`,
  '\ud800'.repeat(1_000),
  "__import__('os').system('true')",
  'cos.constructor("return process")()',
];

const truths = ['42', 'x+1', '(1,2)', '\\frac{1}{2004!}'] as const;

/** Every tenth row is hostile, three in ten are fuzz, the others are ordinary. */
export function loadRow(n: number): LoadRow {
  if (n % 10 === 9) {
    const turn = Math.floor(n / 10);
    const answer = truths[turn % truths.length]!;
    return { kind: 'hostile', answer, response: `\\boxed{${hostile[turn % hostile.length]}}`, expected: false };
  }
  if (n % 10 >= 6) {
    const { gold, prediction, expected = null } = fuzzCase(20261130, n);
    return { kind: 'fuzz', answer: gold, response: `The answer is \\boxed{${prediction}}.`, expected };
  }
  const [a, b, right] = [2 + (n % 97), 3 + (n % 89), n % 3 > 0];
  const told = right ? `\\frac{${2 * a}}{${2 * b}}` : `\\frac{${a + 1}}{${b}}`;
  const response = `We divide ${a} by ${b}.\n\nTwice both is ${2 * a} and ${2 * b}.\n\nSo it is \\boxed{${told}}.`;
  return { kind: 'ordinary', answer: `\\frac{${a}}{${b}}`, response, expected: right };
}
