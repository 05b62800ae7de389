import { describe, expect, test } from 'vitest';
import { blankLineFormat as format } from './blank-line.ts';

describe('split', () => {
  test.each([
    ['', []],
    ['one', ['one']],
    ['one\n\ntwo', ['one\n\n', 'two']],
    ['one\n\n\n\ntwo\n\n', ['one\n\n\n\n', 'two\n\n']],
    ['one\r\n\r\ntwo', ['one\r\n\r\n', 'two']],
    ['\n\none', ['\n\n', 'one']],
    ['one\n \ntwo', ['one\n \ntwo']],
    ['a\n\n\\[\nx\n\n\\]\n\nb', ['a\n\n', '\\[\nx\n\n\\]\n\n', 'b']],
    [
      '$\\begin{pmatrix} a\\\\[2pt]\n\nb\\end{pmatrix}$\n\nc',
      ['$\\begin{pmatrix} a\\\\[2pt]\n\nb\\end{pmatrix}$\n\n', 'c'],
    ],
    ['costs $$5\n\nso', ['costs $$5\n\n', 'so']],
    ['```py\nx\n\ny\n```\n\nz', ['```py\nx\n\ny\n```\n\n', 'z']],
    ['```py\nx\n\nnever closed', ['```py\nx\n\nnever closed']],
    ['see ```x` here\n\nand', ['see ```x` here\n\n', 'and']],
  ])('%j', (text, steps) => {
    expect(format.split(text)).toEqual(steps);
  });
});

test('the last step says "Final Answer:", and the answer reaches to the next blank line', () => {
  expect(format.isTerminal('so\n\n')).toBe(false);
  expect(format.isTerminal('So. Final Answer: 5')).toBe(true);
  expect(format.answer('no marker')).toBeUndefined();
  expect(format.answer('Final Answer: 5\n\nI hope that helps.')).toBe('5');
  expect(format.answer('Final Answer:\n\n  \\frac{1}{2}\n')).toBe('\\frac{1}{2}');
  expect(format.answer('Final Answer: 4\n\nWait.\n\nFinal Answer: x = 5\ny = 6')).toBe('x = 5\ny = 6');
  expect(format.answer('Final Answer:   ')).toBeUndefined();
});

test('the delimiter is the run of newlines at the end', () => {
  expect(['a', 'a\n', 'a\n\n', 'a\n\n\n', 'a\r\n\r\n', '\n\n'].map(format.delimiterLength)).toEqual([0, 0, 2, 3, 4, 2]);
});
