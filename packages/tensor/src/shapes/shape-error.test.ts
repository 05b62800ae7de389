import { expect, test } from 'vitest';
import { ShapeError } from './shape-error.ts';

test('is an Error told apart by its name', () => {
  const error = new ShapeError('f: x must be [B]');
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message]).toEqual(['ShapeError', 'f: x must be [B]']);
});
