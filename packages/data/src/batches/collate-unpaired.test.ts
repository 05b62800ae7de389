import { expect, test } from 'vitest';
import { collateUnpaired } from './collate-unpaired.ts';
import { packUnpaired } from './pack-unpaired.ts';

test('mismatched completions keep to a fixed length, though a long prompt met a long completion', () => {
  const row = (prompt: number, answer: number, label: boolean) => ({
    example: {
      ids: Array.from({ length: prompt + answer }, (_, at) => 10 * prompt + at),
      stepIds: [...Array(prompt).fill(-1), ...Array(answer).fill(0)],
      credits: [0],
      terminal: true,
    },
    label,
  });
  const batch = [row(7, 1, true), row(1, 7, false)];
  const { klIds, klStepIds, lengths } = collateUnpaired(batch, { padId: 0, length: 8 });
  expect(lengths).toEqual([8, 8]);
  expect(klIds.shape).toEqual([2, 8]);
  // The long prompt and the first token of the long completion; the short prompt and all of the short one.
  expect([...klIds.data]).toEqual([70, 71, 72, 73, 74, 75, 76, 11, 10, 77, 0, 0, 0, 0, 0, 0]);
  expect([...klStepIds.data].filter((step) => step >= 0)).toHaveLength(2);
  const packed = packUnpaired(batch, { padId: 0, length: 8 });
  expect(packed.klIds.shape[1]).toBe(8);
  // Without one the row is as long as it takes.
  expect(collateUnpaired(batch, { padId: 0 }).klIds.shape).toEqual([2, 14]);
});
