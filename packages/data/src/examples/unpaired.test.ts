import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collateUnpaired } from '../batches/collate-unpaired.ts';
import { bytes } from '../test-support/examples.ts';
import { mismatchedExamples, tokenizeUnpaired } from './unpaired.ts';

/** A row that knows its prompt and its own number by its tokens. */
const row = (prompt: number, number: number) => ({
  ids: [prompt, 1000 + number],
  stepIds: [-1, 0],
  credits: [0],
  terminal: true,
});

describe('mismatched pairs', () => {
  test('every prompt keeps its place, every completion is used once, none meets its own row', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 2, maxLength: 12 }), (prompts) => {
        const pairs = mismatchedExamples(prompts.map(row));
        expect(pairs.map(({ ids }) => ids[0])).toEqual(prompts);
        const completions = pairs.map(({ ids }) => ids[1]! - 1000);
        expect(completions.toSorted((a, b) => a - b)).toEqual(prompts.map((_, index) => index));
        for (const [index, completion] of completions.entries()) expect(completion).not.toBe(index);
      }),
    );
  });

  test('nor a completion of its own prompt, as long as no prompt has more than half of the rows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { minLength: 2, maxLength: 14 }), (prompts) => {
        const most = Math.max(...prompts.map((prompt) => prompts.filter((other) => other === prompt).length));
        fc.pre(2 * most <= prompts.length);
        for (const { ids } of mismatchedExamples(prompts.map(row))) expect(prompts[ids[1]! - 1000]).not.toBe(ids[0]);
      }),
    );
  });

  test('an odd batch has no row in the middle that meets itself (as reversing would have)', () => {
    expect(mismatchedExamples([row(0, 0), row(1, 1), row(2, 2)]).map(({ ids }) => ids[1]! - 1000)).toEqual([1, 2, 0]);
  });

  test('a batch of one is an error', () => {
    expect(() => mismatchedExamples([row(0, 0)])).toThrow('mismatchedExamples: examples must hold at least two, got 1');
    expect(() => collateUnpaired([{ example: row(0, 0), label: true }], { padId: 0 })).toThrow('use a larger batch');
  });
});

test('a labelled completion is scored whole, EOS with it', () => {
  const { example, label } = tokenizeUnpaired({ prompt: 'p', completion: 'a\n\nb', label: false }, bytes);
  expect(label).toBe(false);
  expect(example.ids).toEqual([256, ...Buffer.from('pa\n\nb'), 257]);
  expect(example.stepIds).toEqual([-1, -1, 0, 0, 0, 0, 0]);
});

test('collated: completions, labels, and the mismatched pairs in a grid of their own', () => {
  const short = tokenizeUnpaired({ prompt: 'p', completion: 'a', label: true }, bytes);
  const long = tokenizeUnpaired({ prompt: 'question', completion: 'long answer', label: false }, bytes);
  const batch = collateUnpaired([short, { ...long, example: { ...long.example, referenceLogps: [-3] } }], {
    padId: 258,
  });
  expect([...batch.labels.data]).toEqual([1, 0]);
  expect(batch.ids.shape).toEqual([2, 21]);
  expect(batch.klIds.shape).toEqual([2, 14]);
  expect(bytes.decode([...batch.klIds.data.slice(1, 13)])).toBe('plong answer');
  expect([...batch.referenceLogps.data]).toEqual([Number.NaN, -3]);
});
