import { expect, test } from 'vitest';
import { readTrace } from './traces.ts';

const row = (answer: string) => JSON.stringify({ question: '?', answer });

test('annotations become a chain; earlier results are named', () => {
  const read = readTrace(row('48/2 = <<48/2=24>>24\n48+24 = <<48+24=72>>72\n#### 72'), 'q');
  expect(read).toEqual({
    worked: {
      question: { id: 'q', prompt: 'a=48/2;b=48+a;b?\n\n', answer: '72' },
      solution: ['48/2=24\n\n', '48+24=72\n\n', 'Final Answer: 72'],
    },
  });
});

test('a long expression becomes single computations, products first', () => {
  const read = readTrace(row('<<2+3*4-1=13>>\n#### 13'), 'q');
  expect('worked' in read && read.worked.solution).toEqual([
    '3*4=12\n\n',
    '2+12=14\n\n',
    '14-1=13\n\n',
    'Final Answer: 13',
  ]);
});

test.each([
  ['no', 'not a JSON row with question and answer'],
  [row('It is 5.\n#### 5'), 'no annotations'],
  [row('<<(2+3)*4=20>>\n#### 20'), 'an expression that is not a chain of + - * / over numbers'],
  [row('<<2+3=6>>\n#### 6'), 'an annotated result that is not what its expression gives'],
  [row('<<2/0=1>>\n#### 1'), 'an annotated result that is not what its expression gives'],
  [row('<<2+3=5>>\n#### 7'), 'the last result is not the answer'],
  [row(`<<${Array(9).fill('1').join('+')}=9>>\n#### 9`), 'more than 7 computations'],
])('%s: %s', (line, reason) => {
  expect(readTrace(line, 'q')).toEqual({ reason });
});
