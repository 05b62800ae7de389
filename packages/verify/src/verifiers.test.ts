import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answerVerifier, choiceVerifier, gsm8kVerifier, mathVerifier } from './verifiers.ts';

const question = (answer?: string) => ({ id: 'q', prompt: '?', ...(answer === undefined ? {} : { answer }) });

test('GSM8K: every way a response ends, exact numbers', () => {
  const truth = question('He has 20 + 5 = <<20+5=25>>25.\n#### 25');
  for (const response of [
    '#### 25',
    'A: 25',
    'so 25\n\nFinal Answer: 25',
    '\\boxed{25}',
    'That makes 25 apples.',
    '#### $25.00',
    '#### 25 apples',
    'Final Answer: 25.',
  ]) {
    expect(gsm8kVerifier(truth, response), response).toMatchObject({ equivalent: true });
  }
  for (const response of ['#### 26', '#### 25.5', '#### 25, no, 26', 'I don’t know', '', '#### 2 5 6']) {
    expect(gsm8kVerifier(truth, response).equivalent, response).not.toBe(true);
  }
});

test('thousands separators, signs and decimals of GSM8K', () => {
  expect(gsm8kVerifier(question('#### 1,234,567'), '#### 1234567').equivalent).toBe(true);
  expect(gsm8kVerifier(question('#### -3'), '#### -3').equivalent).toBe(true);
  expect(gsm8kVerifier(question('#### -3'), '#### 3').equivalent).toBe(false);
  expect(gsm8kVerifier(question('#### 0.5'), '#### 1/2').equivalent).toBe(true);
});

test('mathematics goes through every kind', () => {
  expect(mathVerifier(question('(2, 5]'), 'So $x \\in (2, 5]$.').equivalent).toBe(true);
  expect(mathVerifier(question('(2, 5]'), 'So $x \\in [2, 5]$.').equivalent).toBe(false);
});

test('choices: letters in every dress, and labels', () => {
  expect(choiceVerifier(question('B'), 'The answer is B.')).toEqual({ equivalent: true, how: 'choice', answer: 'B' });
  expect(choiceVerifier(question('(B) Paris'), '\\boxed{\\text{B}}').equivalent).toBe(true);
  expect(choiceVerifier(question('B'), "It's not B because the fog lifts, so I think it's C").equivalent).toBe(false);
  expect(choiceVerifier(question('the correct answer is answer2'), 'the correct answer is answer2').equivalent).toBe(
    true,
  );
  expect(choiceVerifier(question('the correct answer is answer2'), 'the correct answer is answer3').equivalent).toBe(
    false,
  );
  expect(choiceVerifier(question('B'), 'no idea')).toEqual({ equivalent: false, how: 'no answer' });
});

test('a question without a truth is an error that names it, not a verdict', () => {
  for (const verifier of [gsm8kVerifier, mathVerifier, choiceVerifier, answerVerifier({ places: 2 })]) {
    expect(verifier.needsAnswer).toBe(true);
    const name = verifier.id!.replace(/\(.*/, '');
    expect(() => verifier(question(), '#### 1')).toThrow(
      `${name}: question 'q' must have an answer to compare with, got undefined`,
    );
    expect(() => verifier(question(' '), '#### 1')).toThrow(`must have an answer to compare with, got " "`);
  }
  expect(() => choiceVerifier(question('none of them'), 'B')).toThrow(
    `choiceVerifier: the answer of question 'q' must name a choice, got "none of them"`,
  );
});

test('a judge’s id names its conventions', () => {
  expect(gsm8kVerifier.id).toBe('gsm8kVerifier({"decimals":"exact","units":"ignored"})');
  expect(answerVerifier({ places: 2 }).id).not.toBe(answerVerifier({ places: 3 }).id);
  expect(answerVerifier({ places: 2 })(question('0.333'), '0.334').equivalent).toBe(true);
  expect(() => answerVerifier({ places: -1 })).toThrow('answerVerifier: places must be');
});

const obqa = new URL('../../../../shared/data/obqa-test.jsonl', import.meta.url);
test.skipIf(!existsSync(obqa))(
  'OpenBookQA: each letter and label meets itself and no other (shared/data; skipped where it is absent)',
  () => {
    const rows = readFileSync(obqa, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { answerLetter: string; goldText: string });
    for (const { answerLetter, goldText } of rows) {
      for (const letter of 'ABCD') {
        expect(choiceVerifier(question(answerLetter), `So the answer is (${letter}).`).equivalent).toBe(
          letter === answerLetter,
        );
      }
      for (const n of [1, 2, 3, 4]) {
        expect(choiceVerifier(question(goldText), `the correct answer is answer${n}`).equivalent).toBe(
          goldText.endsWith(String(n)),
        );
      }
    }
  },
);
