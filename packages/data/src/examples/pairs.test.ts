import type { StepPair } from '@svo/mdp';
import { expect, test } from 'vitest';
import { collatePairs } from '../batches/collate-pairs.ts';
import { bytes } from '../test-support/examples.ts';
import { tokenizePair } from './pairs.ts';

const scored = ({ ids, stepIds }: { ids: readonly number[]; stepIds: readonly number[] }) =>
  bytes.decode(ids.filter((id, at) => stepIds[at] === 0 && id < 256));

const pair: StepPair = {
  questionId: 'q',
  prompt: 'p:',
  kind: 'cousin',
  chosen: { prefix: ['a\n\n'], step: 'b\n\n', value: 0.5 },
  rejected: { prefix: [], step: 'Final Answer: 6', value: -1 },
};

test('a step pair: each side its own prefix, its step scored with its delimiter', () => {
  const { chosen, rejected, chosenValue, rejectedValue } = tokenizePair(pair, bytes);
  expect(bytes.decode(chosen.ids.slice(1))).toBe('p:a\n\nb\n\n');
  expect(scored(chosen)).toBe('b\n\n');
  expect(scored(rejected)).toBe('Final Answer: 6');
  expect([chosen.terminal, rejected.terminal]).toEqual([false, true]);
  expect(chosen.ids.at(-1)).not.toBe(257);
  // EOS after the terminal step, and scored: TRL's DPO learns where to stop.
  expect([rejected.ids.at(-1), rejected.stepIds.at(-1)]).toEqual([257, 0]);
  expect([chosenValue, rejectedValue]).toEqual([0.5, -1]);
});

test('without scored delimiters the body alone is', () => {
  const { chosen, rejected } = tokenizePair(pair, bytes, { scoreDelimiters: false });
  expect(scored(chosen)).toBe('b');
  expect(rejected.stepIds.at(-1)).toBe(-1);
});

test('a response pair ends its trajectory whatever it says', () => {
  const { chosen, rejected } = tokenizePair({ prompt: 'p', chosen: 'yes', rejected: 'no' }, bytes);
  expect([chosen, rejected].map(({ ids }) => ids.at(-1))).toEqual([257, 257]);
  expect(scored(chosen)).toBe('yes');
});

test('a response pair keeps the tokens that were drawn for its steps, side by side', () => {
  const draw = (text: string) => ({ tokenIds: bytes.encode(text), logps: Array.from(text, () => -0.5) });
  const draws = { chosen: [draw('a\n\n'), draw('b')] };
  const { chosen, rejected } = tokenizePair({ prompt: 'p', chosen: 'a\n\nb', rejected: 'c', draws }, bytes);
  expect(scored(chosen)).toBe('a\n\nb');
  expect(chosen.behaviorLogps?.filter((logp) => logp === -0.5)).toHaveLength(4);
  expect(rejected.behaviorLogps).toBeUndefined();
});

test('collated: chosen rows first, lengths of what is scored, values and references beside', () => {
  const one = tokenizePair(pair, bytes);
  const known = { ...one, chosen: { ...one.chosen, referenceLogps: [-2.5] } };
  const batch = collatePairs([one, known], { padId: 258, multipleOf: 4 });
  expect(batch.ids.shape[0]).toBe(4);
  expect([...batch.chosenLengths.data]).toEqual([3, 3]);
  expect([...batch.rejectedLengths.data]).toEqual([16, 16]);
  expect([...batch.chosenValues.data]).toEqual([0.5, 0.5]);
  expect([...batch.rejectedValues.data]).toEqual([-1, -1]);
  expect([...batch.referenceChosenLogps.data]).toEqual([Number.NaN, -2.5]);
  expect([...batch.referenceRejectedLogps.data]).toEqual([Number.NaN, Number.NaN]);
  const width = batch.ids.shape[1]!;
  expect([...batch.ids.data.slice(2 * width, 2 * width + one.rejected.ids.length)]).toEqual([...one.rejected.ids]);
  expect(() => collatePairs([], { padId: 0 })).toThrow('collatePairs: pairs must hold at least one, got none');
});
