import { expect, test } from 'vitest';
import { assertShapes } from './assert-shapes.ts';
import { ShapeError } from './shape-error.ts';

const shaped = (...shape: number[]) => ({ shape });

test('binds names by the first tensor that uses them and returns them', () => {
  expect(
    assertShapes('f', { a: [shaped(2, 3), 'B S'], b: [shaped(3), 'S'], c: [shaped(), ''], d: [shaped(2, 7), 'B 7'] }),
  ).toEqual({ B: 2, S: 3 });
});

test('one message lists every offender, with what was expected, where from, and what was got', () => {
  const call = () =>
    assertShapes('dvoLoss', {
      policyLogps: [shaped(2, 3), 'B S'],
      credits: [shaped(2, 4), 'B S'],
      mask: [shaped(6), 'B S'],
    });
  expect(call).toThrow(ShapeError);
  expect(call).toThrow(
    'dvoLoss: credits must be [B, S] = [2, 3] as in policyLogps, got [2, 4]; mask must be [B, S] = [2, 3] as in policyLogps, got [6]',
  );
});

test('the wrong rank of the first tensor, and no tensor at all', () => {
  expect(() => assertShapes('f', { a: [shaped(2), 'B S'] })).toThrow('f: a must be [B, S], got [2]');
  expect(() => assertShapes('f', { a: [undefined, 'B S'] })).toThrow(
    'f: a must be a tensor of shape [B, S], got undefined',
  );
  expect(() => assertShapes('f', { a: [shaped(2, 3), 'B 4'] })).toThrow(
    'f: a must be [B, 4] = [2, 4] as in a, got [2, 3]',
  );
});

test('a tensor that does not fit binds nothing', () => {
  expect(() => assertShapes('f', { a: [shaped(2, 5), 'B 4'], b: [shaped(3), 'B'] })).toThrow('f: a must be');
});
