/** Instructions repeated before they are followed, and statements about other things than the truth's. */
import { describe, expect, test } from 'vitest';
import { extractAnswer, verifyAnswer } from '../index.ts';

const placeholders = [
  '',
  ' ',
  '\\,',
  '...',
  '…',
  '\\ldots',
  '\\dots',
  '?',
  '??',
  '___',
  '\\_\\_',
  '\\square',
  '\\text{answer}',
  '\\text{your answer}',
  'your answer',
  'answer',
  'ANSWER',
  'your_answer',
  '<answer>',
  '[answer]',
  'final answer here',
  '\\text{Final Answer}',
  '\\text{the final numerical answer}',
  'insert number here',
  '\\mathrm{ans}',
  'xxx',
  '\\ldots\\,',
];

describe.each(placeholders.map((inner) => `\\boxed{${inner}}`))('%s', (box) => {
  test.each([
    `I will put the answer in ${box}. The answer is 7.`,
    `Put it within ${box}.\n\nWe have 3 + 4 = 7, so \\boxed{7}.`,
    `The answer is 7. ${box}`,
    `So we get $\\boxed{7}$.\n\n${box}`,
    `I will end with "Final Answer: ${box}".\n\n3 + 4 = 7\n\nFinal Answer: 7`,
    `I use ${box.replace('boxed', 'fbox')} for answers.\n#### 7`,
    `3 + 4 = 7\n\nFinal Answer: ${box}`,
  ])('%j answers 7', (response) => {
    expect(verifyAnswer('7', response).equivalent).toBe(true);
    expect(verifyAnswer('8', response).equivalent).toBe(false);
  });

  test('alone is no answer', () => expect(extractAnswer(box)).toBeUndefined());
});

test.each([
  'I will use \\boxed for the answer. The answer is 7.',
  'I will use \\boxed in the end. So \\boxed{7}.',
  'Answers go into a \\boxed command: \\boxed 7',
  'I will use \\boxed{ for the answer. The answer is 7.',
  'It goes in \\boxed{ and }? No: \\boxed{7}',
  'Use \\boxed{ at the end.\n\n3 + 4 = 7, so \\boxed{7}.',
  'The answer is 7. So \\boxed{',
  'Format: "The answer is [answer]." Here 3 + 4, so the answer is 7.',
  'The answer is 7.\n\n(Format: Final Answer: [answer])',
  'I must finish with "Final Answer: ...".\n3 + 4 = 7. The answer is 7.',
  'Final Answer: 7\n\nFinal Answer: <your answer>',
  'Final Answer: 7\nI was asked to write it as "Final Answer: ___"',
  '<answer>your answer</answer> is the format.\n<answer>7</answer>',
  '<answer>7</answer>\n<answer></answer>',
  'The answer is 7. The answer is ___.',
  'The answer is ?. Let me see: 3 + 4 = 7. So the answer is 7',
  'The answer is:\n\n7',
  '#### [answer]\n\n3 + 4 = 7\n#### 7',
])('%j answers 7', (response) => {
  expect(verifyAnswer('7', response).equivalent).toBe(true);
  expect(verifyAnswer('8', response).equivalent).toBe(false);
});

test.each([
  ['\\emptyset', 'So it is \\boxed{\\emptyset}.'],
  ['\\{\\}', 'So it is \\boxed{\\{\\}}.'],
  ['x', 'So it is $\\boxed{x}$.'],
  ['x', 'So it is $\\boxed x$.'],
  ['B', 'I pick \\boxed{(B)}.'],
  ['B', 'I pick \\boxed{B}, written as \\boxed{}.'],
  ['\\text{no solution}', 'There is \\boxed{\\text{no solution}}.'],
  ['\\text{odd number}', 'It is an \\boxed{\\text{odd number}}.'],
])('%j is an answer in %j', (gold, response) => expect(verifyAnswer(gold, response).equivalent).toBe(true));

describe('a statement about another thing', () => {
  test.each([
    ['\\sin(x)=\\frac{2}{5}', '\\cos(x)=\\frac{2}{5}'],
    ['\\sin x=\\frac{2}{5}', 'x=\\frac{2}{5}'],
    ['x=\\frac{2}{5}', '\\sin x=\\frac{2}{5}'],
    ['\\tan A = 2', '\\tan B = 2'],
    ['\\sin(x)=\\frac{2}{5}', 'f(x)=\\frac{2}{5}'],
    ['\\ln x = 2', '\\log_{10} x = 2'],
    ['\\ln x = 2', '\\ln y = 2'],
    ['f(x)=x+1', 'g(x)=x+1'],
    ['f(2)=7', 'f(3)=7'],
    ['f(2)=7', 'f(-2)=7'],
    ['\\frac{dy}{dx}=2', '\\frac{dx}{dy}=2'],
    ['\\frac{a}{b}=2', '\\frac{b}{a}=2'],
    ['x=3', 'y=3'],
    ["y'=2x", 'y=2x'],
    ["f'(x)=2x", 'f(x)=2x'],
  ])('%j is not %j', (gold, other) => expect(verifyAnswer(gold, other).equivalent).not.toBe(true));

  test.each([
    ['\\sin(x)=\\frac{2}{5}', '\\sin x = 0.4'],
    ['\\sin(x)=\\frac{2}{5}', '\\frac{2}{5}'],
    ['f(x)=x+1', 'f(t)=t+1'],
    ['f(x)=x+1', 'y=x+1'],
    ['f(2)=7', 'f(2)=7.0'],
    ['\\frac{dy}{dx}=2x', '\\frac{dy}{dx} = 2 x'],
    ['x=3', '3'],
    ['|AB|=5', 'AB=5'],
  ])('%j is %j', (gold, same) => expect(verifyAnswer(gold, same).equivalent).toBe(true));
});

test('options nobody reads are refused', () => {
  expect(() => extractAnswer('7', { box: 'last' } as never)).toThrow("extractAnswer: unknown option 'box'");
  expect(() => verifyAnswer('7', '7', { unit: 'ignored' } as never)).toThrow(
    "verifyAnswer: unknown option 'unit' (did you mean 'units'?)",
  );
});
