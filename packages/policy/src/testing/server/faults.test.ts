import { expect, it } from 'vitest';
import { everyFault } from './faults.ts';

it('has one of every kind, and faults that differ', () => {
  expect(new Set(everyFault.map(({ kind }) => kind)).size).toBe(33);
  expect(new Set(everyFault.map((fault) => JSON.stringify(fault))).size).toBe(everyFault.length);
});
