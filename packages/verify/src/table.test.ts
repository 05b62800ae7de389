import { expect, test } from 'vitest';
import { table } from './table.ts';

test('a table holds what was put in and nothing from a prototype', () => {
  const t = table({ a: 1 });
  expect(t.a).toBe(1);
  expect(t.constructor).toBeUndefined();
  expect(t.toString).toBeUndefined();
  expect(Object.isFrozen(t)).toBe(true);
});
