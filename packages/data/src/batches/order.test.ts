import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOrder, type Cursor, type OrderOptions } from './order.ts';

const orders = fc.record({
  lengths: fc.array(fc.nat(50), { minLength: 1, maxLength: 30 }),
  seed: fc.maxSafeInteger(),
  batchSize: fc.integer({ min: 1, max: 7 }),
  epochs: fc.integer({ min: 1, max: 3 }),
  shuffled: fc.boolean(),
  dropLast: fc.boolean(),
  window: fc.integer({ min: 1, max: 4 }),
});

describe('resume', () => {
  test('from the cursor of any batch, through JSON, the rest is what it would have been', () => {
    fc.assert(
      fc.property(orders, ({ lengths, ...options }) => {
        const straight = [...batchOrder(lengths, options)];
        straight.forEach((planned, index) => {
          const cursor = JSON.parse(JSON.stringify(planned.cursor)) as Cursor;
          expect([...batchOrder(lengths, { ...options, cursor })]).toEqual(straight.slice(index + 1));
        });
      }),
    );
  });

  test('with more epochs than before the order goes on', () => {
    const all = [...batchOrder([1, 1, 1], { batchSize: 2, seed: 1, epochs: 3 })];
    const { cursor } = [...batchOrder([1, 1, 1], { batchSize: 2, seed: 1, epochs: 1 })].at(-1)!;
    expect([...batchOrder([1, 1, 1], { batchSize: 2, seed: 1, epochs: 3, cursor })]).toEqual(all.slice(2));
  });

  test('a cursor of another order is an error', () => {
    const options = { batchSize: 2, seed: 1 };
    const { cursor } = batchOrder([1, 1, 1], options).next().value!;
    const resume = (lengths: number[], other: Partial<OrderOptions>) => () =>
      batchOrder(lengths, { ...options, ...other, cursor });
    expect(resume([1, 1, 1], { seed: 2 })).toThrow(
      'batches: cursor.seed must be 2, got 1 (a cursor is a place in one order only)',
    );
    expect(resume([1, 1], {})).toThrow('batches: cursor.examples must be 2, got 3');
    expect(resume([1, 1, 1], { batchSize: 3 })).toThrow('batches: cursor.batchSize must be 3, got 2');
    expect(resume([1, 1, 1], { window: 2 })).toThrow('batches: cursor.window must be 2, got 1');
    expect(() => batchOrder([1], { ...options, cursor: { epoch: 0 } as Cursor })).toThrow(/batches: cursor: batch: /);
  });
});

describe('order', () => {
  test('an epoch has every row once, or every full batch with dropLast', () => {
    fc.assert(
      fc.property(orders, ({ lengths, ...options }) => {
        const plan = [...batchOrder(lengths, options)];
        for (let epoch = 0; epoch < options.epochs; epoch++) {
          const size = plan.length / options.epochs;
          const rows = plan.slice(epoch * size, (epoch + 1) * size).flatMap((planned) => planned.rows);
          const used = options.dropLast ? lengths.length - (lengths.length % options.batchSize) : lengths.length;
          expect(new Set(rows).size).toBe(rows.length);
          expect(rows.length).toBe(used);
        }
        for (const { rows } of plan) expect(rows.length <= options.batchSize).toBe(true);
      }),
    );
  });

  test('seeds and epochs differ, equal seeds do not', () => {
    const lengths = Array<number>(40).fill(1);
    const rows = (seed: number) =>
      [...batchOrder(lengths, { batchSize: 40, seed, epochs: 2 })].map((planned) => planned.rows.join());
    expect(rows(1)).toEqual(rows(1));
    expect(new Set([...rows(1), ...rows(2)]).size).toBe(4);
  });

  test('unshuffled it is the order of the data', () => {
    expect([...batchOrder([9, 1, 5], { batchSize: 2, seed: 1, shuffled: false })].map(({ rows }) => rows)).toEqual([
      [0, 1],
      [2],
    ]);
  });

  test('a window leaves less padding and every row where it was needed', () => {
    const lengths = Array.from({ length: 256 }, (_, i) => (i * 37) % 100);
    const padding = (window: number) =>
      [...batchOrder(lengths, { batchSize: 8, seed: 3, window })].reduce((sum, { rows }) => {
        const longest = Math.max(...rows.map((row) => lengths[row]!));
        return sum + rows.reduce((missing, row) => missing + longest - lengths[row]!, 0);
      }, 0);
    expect(padding(8)).toBeLessThan(padding(1) / 3);
  });
});

test('settings out of range are errors at once, not at the first batch', () => {
  expect(() => batchOrder([1], { batchSize: 0, seed: 1 })).toThrow(
    'batches: batchSize must be a positive integer, got 0',
  );
  expect(() => batchOrder([1], { batchSize: 1, seed: 1, epochs: 0.5 })).toThrow(
    'batches: epochs must be a positive integer, got 0.5',
  );
  expect(() => batchOrder([], { batchSize: 1, seed: 1 })).toThrow('batches: examples must hold at least one, got none');
});
