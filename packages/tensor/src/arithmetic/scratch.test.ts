import { expect, test } from 'vitest';
import { scratch, withScratch } from './scratch.ts';

test('arrays lent within one call are distinct; the next call gets them again', () => {
  const first = withScratch(() => [scratch(5), scratch(5), scratch(7)].map((array) => array.buffer));
  expect(new Set(first).size).toBe(3);
  const second = withScratch(() => [scratch(5), scratch(5)].map((array) => array.buffer));
  expect(second).toEqual(first.slice(0, 2));
  expect(second[0]).toBe(first[0]);
});

test('an inner call does not take back what the outer one holds', () => {
  withScratch(() => {
    const outer = scratch(3);
    withScratch(() => expect(scratch(3)).not.toBe(outer));
    expect(scratch(3)).not.toBe(outer);
  });
});

test('a failure gives everything back', () => {
  const lent: Float64Array[] = [];
  const fail = () =>
    withScratch(() => {
      lent.push(scratch(11));
      throw new Error('in between');
    });
  expect(fail).toThrow('in between');
  expect(withScratch(() => scratch(11) === lent[0])).toBe(true);
});

test('outside any call, memory is the caller’s own', () => {
  expect(scratch(5)).not.toBe(scratch(5));
});
