import { expect, test } from 'vitest';
import { read } from '../test-support/reading.ts';
import { children, some, substitute, symbols, withChildren } from './ast.ts';

const samples = [
  'x+1',
  '2x',
  'x/y',
  'x^2',
  '-x',
  '\\pm x',
  '\\sin x',
  'f(x)',
  '5^\\circ',
  '5\\%',
  '5 \\text{ cm}',
  '1:2',
  '\\begin{pmatrix}1&x\\\\2&y\\end{pmatrix}',
  '(1,2)',
  '\\{1,2\\}',
  '\\{x\\mid x>0\\}',
  '(1,2)\\cup(3,4)',
  'x=1',
  '1,2',
  '\\sum_{k=1}^{n} k x',
  'x, where x is real',
];

test.each(samples)('%s: children put back give the node', (text) => {
  const node = read(text);
  expect(withChildren(node, children(node))).toEqual(node);
});

test('free symbols: the index of a series is bound', () => {
  expect([...symbols(read('\\sum_{k=1}^{n} k x'))].sort()).toEqual(['n', 'x']);
  expect([...symbols(read('f(x)+a_n'))].sort()).toEqual(['n', 'x']);
});

test('substitution reaches every place, some finds them', () => {
  expect(substitute(read('x^2+\\sin x'), 'x', read('t'))).toEqual(read('t^2+\\sin t'));
  expect(some(read('1+\\pm 2'), (node) => node.k === 'pm')).toBe(true);
});
