import { expect, test } from 'vitest';
import * as op from './opcodes.ts';
import { type Program, programOf } from './program.ts';
import { record } from './record.ts';
import { WORDS } from './schedule.ts';

/** mean of (scale·x)² over `rows` rows, written out too. */
function program(rows: number, scale: number): Program {
  const recording = record();
  const { math, input, output, value } = recording;
  const x = input(1024, 1, rows);
  math.exp(x); // needed by nothing
  const scaled = math.mul(scale, x);
  const loss = math.div(math.sum(math.square(scaled)), rows);
  output(scaled, 4096, 1, rows);
  return programOf(recording, value(loss), 1, 8192);
}

const operations = ({ code }: Program): number[] =>
  Array.from({ length: code.length / WORDS }, (_, i) => code[i * WORDS]);

test('what no result needs is left out; a sum is completed after its pass', () => {
  const { passes } = program(600, 2);
  expect(operations(program(600, 2))).toEqual([op.LOAD, op.MUL, op.MUL, op.DOT, op.STORE, op.FOLD, op.DIV]);
  expect(passes.map(({ rows, count }) => [rows, count])).toEqual([
    [600, 5],
    [1, 2],
  ]);
});

test('the program is found again whatever its constants, and made anew for other shapes', () => {
  expect(program(600, 3)).toBe(program(600, 5));
  expect(program(601, 3)).not.toBe(program(600, 3));
});

test('a vector beside a matrix is refused, except as a factor of its rows', () => {
  const { math, input } = record();
  const [matrix, vector] = [input(1024, 2, 3), input(2048, 1, 3)];
  expect(() => math.add(matrix, vector)).toThrow(
    'closedForm: a formula may combine arrays of one shape, got a vector beside a matrix',
  );
  expect(math.mul(vector, matrix)).toMatchObject({ op: op.ROW_SCALE, operands: [matrix, vector] });
});
