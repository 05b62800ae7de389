import { expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import { connective, lex } from './lexer.ts';

const tokens = (text: string, commas: 'group' | 'list' | 'decimal' = 'group') =>
  lex(text, commas, createBudget()).map((token) => token.v);

test('commas between digits in three readings', () => {
  expect(tokens('1,234')).toEqual(['1234']);
  expect(tokens('1,234', 'list')).toEqual(['1', ',', '234']);
  expect(tokens('2,74', 'decimal')).toEqual(['2.74']);
  expect(tokens('(1,234)')).toEqual(['(', '1', ',', '234', ')']);
  expect(tokens('1 000 000')).toEqual(['1000000']);
});

test('runs of letters are functions, products or words', () => {
  expect(tokens('2sin x')).toEqual(['2', 'sin', 'x']);
  expect(tokens('3xy')).toEqual(['3', 'x', 'y']);
  expect(tokens('odd')).toEqual(['odd']);
  expect(tokens('10 cm')).toEqual(['10', 'cm']);
  expect(tokens('sinx')).toEqual(['sin', 'x']);
});

test('text groups are numbers, symbols, functions, connectives or words', () => {
  expect(tokens('\\text{13}')).toEqual(['13']);
  expect(tokens('\\mathrm{E}')).toEqual(['E']);
  expect(tokens('5\\mathrm{ m}')).toEqual(['5', 'm']);
  expect(lex('5\\mathrm{ m}', 'group', createBudget())[1]!.t).toBe('text');
  expect(tokens('\\text{sin}')).toEqual(['sin']);
  expect(connective(lex('\\text{ or }', 'group', createBudget())[0]!)).toBe('or');
});

test('names of the prototype are names like any other', () => {
  expect(tokens('\\constructor + \\toString')).toEqual(['constructor', '+', 'toString']);
  for (const token of lex('\\constructor \\__proto__ \\valueOf', 'group', createBudget()))
    expect(typeof token.v).toBe('string');
});

test('the work of lexing is counted', () => {
  expect(() => lex('1+'.repeat(500), 'group', createBudget(100))).toThrow('work budget spent');
});
