import { expect, test } from 'vitest';
import * as losses from './index.ts';
import * as reference from './reference/index.ts';

test('every loss has a float64 reference of the same name', () => {
  const names = Object.keys(losses).filter((name) => name.endsWith('Loss'));
  expect(names.length).toBeGreaterThanOrEqual(28);
  for (const name of names) expect(Object.keys(reference)).toContain(name);
});
