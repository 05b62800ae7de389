import { expect, test } from 'vitest';
import { extractAnswer } from './extract-answer.ts';
import { extractChoice } from './extract-choice.ts';
import { longestResponse } from './final-part.ts';
import { isProse, proseWords, toldTail } from './prose.ts';

test.each([
  ['Some steps.\n#### 42', '42'],
  ['#### 10\nMore.\n#### 20', '20'],
  ['A: 7', '7'],
  ['We are done.\n\nFinal Answer: x + 1', 'x + 1'],
  ['**Final Answer:** $\\boxed{5}$', '5'],
  ['<answer>12</answer>', '12'],
  ['so \\boxed{\\frac{1}{2}} it is', '\\frac{1}{2}'],
  ['\\boxed{\\boxed{8}}', '8'],
  ['\\fbox{7}', '7'],
  ['\\boxed 7', '7'],
  ['first \\boxed{1}, then \\boxed{2}', '2'],
  ['x = \\boxed{1} or x = \\boxed{2}', '1, 2'],
  ['The roots are \\boxed{2} and \\boxed{3}.', '2, 3'],
  ['$\\boxed{28}$ percent', '28\\%'],
  ['The answer is 12.', '12'],
  ['Therefore the answer is $x^2$.', '$x^2$'],
  ['64 + 67 = **131**', '131'],
  ['The total is 72 clips, altogether.', '72'],
  ['(3, 4)', '(3, 4)'],
  ['It is Tuesday.', 'Tuesday'],
  ['<think>maybe \\boxed{1}</think> So \\boxed{2}.', '2'],
  ['The answer is 4.<|im_start|>user What about 5?', '4'],
])('%j gives %j', (response, expected) => expect(extractAnswer(response)).toBe(expected));

test('boxes joined or the last', () => {
  expect(extractAnswer('\\boxed{2} and \\boxed{3}', { boxes: 'last' })).toBe('3');
  expect(extractAnswer('\\boxed{2} and \\boxed{3}', { boxes: 'joined' })).toBe('2, 3');
});

test.each(['', '   ', '\\boxed{}', 'no idea whatsoever here'])('%j holds no answer', (response) =>
  expect(extractAnswer(response)).toBeUndefined(),
);

test.each([
  ['The answer is (B).', 'B'],
  ['\\boxed{\\text{C}}', 'C'],
  ["It's not A because of this, so I think it's B", 'B'],
  ['D. Because the rest fail', 'D'],
  ['réponse est C non A', 'C'],
  ['(D) is right, A and B are wrong', 'D'],
])('%j chooses %s', (response, expected) => expect(extractChoice(response)).toBe(expected));

test('prose and answers', () => {
  expect(isProse('The total is 72 clips')).toBe(true);
  expect(isProse('40 \\text{ chocolate candies}, 60 \\text{ others}')).toBe(false);
  expect(proseWords('Let $abc$ be the \\frac{1}{2} one')).toBe(4);
  expect(toldTail('We saw that. It is Tuesday.')).toBe('Tuesday');
});

test('of a long response the end is searched', () => {
  expect(extractAnswer(`${'x '.repeat(longestResponse)}\n#### 5`)).toBe('5');
});
