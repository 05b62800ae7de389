import { expect, test } from 'vitest';
import { createBudget } from '../../budget.ts';
import { lex } from '../lexer.ts';
import { accept, type Cursor, deeper, expect as expectToken, fail, isAt, peek, unreadable } from './cursor.ts';

const rule = (): never => fail();
const cursor = (source: string): Cursor => ({
  tokens: lex(source, 'group', createBudget()),
  source,
  budget: createBudget(),
  at: 0,
  depth: 0,
  bars: 0,
  inSet: false,
  indexI: false,
  rules: { list: rule, expression: rule, term: rule, factor: rule, primary: rule, exponent: rule, starts: () => false },
});

test('operators and commands are stepped over, words are not', () => {
  const c = cursor('+ \\pi \\text{plus}');
  expect(isAt(c, '+')).toBe(true);
  expect(accept(c, '-')).toBe(false);
  expect(accept(c, '+')).toBe(true);
  expectToken(c, 'pi');
  expect(isAt(c, 'plus')).toBe(false);
  expect(peek(c)?.t).toBe('text');
  expect(() => expectToken(c, '+')).toThrow(unreadable);
});

test('depth is bounded', () => {
  const c = cursor('x');
  const descend = (inner: Cursor): number => deeper(inner, descend);
  expect(() => descend(c)).toThrow(unreadable);
});
