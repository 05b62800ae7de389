/**
 * The same rows through TRL 1.16.0 (transformers 5.24.0): its DPO, KTO and SFT trainers were run with a byte-level tokenizer whose
 * ids are the bytes, 300 `<|im_start|>`, 301 `<|im_end|>` (EOS), 302 `<|endoftext|>` (padding), and a ChatML template with
 * generation marks. Kept are its collators' numbers. Where this package differs, the test says so.
 */
import { describe, expect, test } from 'vitest';
import { collatePairs } from '../batches/collate-pairs.ts';
import { tokenizeCompletion } from '../examples/completions.ts';
import type { Example } from '../examples/example.ts';
import { tokenizePair } from '../examples/pairs.ts';
import { truncatePairs } from '../examples/truncate-pairs.ts';
import { tokenizeUnpaired } from '../examples/unpaired.ts';
import { fromTrlRow, type TrlContent } from '../rows/from-trl.ts';
import { chatBytes } from '../test-support/examples.ts';
import { assistant, chatml, user } from '../test-support/templates.ts';

const read = <Type extends TrlContent['type']>(row: object, _type: Type): Extract<TrlContent, { type: Type }> =>
  fromTrlRow(row, { render: chatml }) as Extract<TrlContent, { type: Type }>;
const mask = ({ stepIds }: Example): number[] => stepIds.map((step) => Number(step >= 0));
const text = (from: number, ...ids: number[]): number[] => [...Array(from).fill(0), ...ids.map(() => 1)];

const prompt = '<|im_start|>user\n2+3?<|im_end|>\n<|im_start|>assistant\n';
const promptIds = [
  300, 117, 115, 101, 114, 10, 50, 43, 51, 63, 301, 10, 300, 97, 115, 115, 105, 115, 116, 97, 110, 116, 10,
];

describe('DPO and KTO', () => {
  test.each(['5', '5<|im_end|>'])('%j: prompt, completion, one EOS', (completion) => {
    const { chosen } = tokenizePair({ prompt, chosen: completion, rejected: '6' }, chatBytes);
    expect([chosen.ids, mask(chosen)]).toEqual([[...promptIds, 53, 301], text(23, 53, 301)]);
    const { example } = tokenizeUnpaired({ prompt, completion, label: true }, chatBytes);
    expect([example.ids, mask(example)]).toEqual([[...promptIds, 53, 301], text(23, 53, 301)]);
  });

  test('an end followed by a newline: TRL scores 53 301 10 301, two ends; here one', () => {
    const { chosen } = tokenizePair({ prompt, chosen: '5<|im_end|>\n', rejected: '6' }, chatBytes);
    expect([chosen.ids, mask(chosen)]).toEqual([[...promptIds, 53, 301], text(23, 53, 301)]);
  });

  test("a conversation: TRL's prompt; its completion 53 301 10 without the newline no model draws", () => {
    const row = { prompt: [user('2+3?')], chosen: [assistant('5')], rejected: [assistant('6')] };
    const { chosen } = tokenizePair(read(row, 'preference'), chatBytes);
    expect([chosen.ids, mask(chosen)]).toEqual([[...promptIds, 53, 301], text(23, 53, 301)]);
  });

  test('a conversation without a prompt: the same split', () => {
    const row = { chosen: [user('Q'), assistant('A')], rejected: [user('Q'), assistant('B')] };
    expect(read(row, 'preference')).toMatchObject({
      prompt: '<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n',
      chosen: 'A<|im_end|>\n',
    });
  });

  test('an empty prompt: the ids of TRL; its mask has position 0, which no loss of TRL sums either', () => {
    const pair = tokenizePair({ prompt: '', chosen: 'abc', rejected: 'ab' }, chatBytes);
    const batch = collatePairs([pair], { padId: 302 });
    expect([...batch.ids.data]).toEqual([97, 98, 99, 301, 97, 98, 301, 302]);
    expect([...batch.stepIds.data]).toEqual([-1, 0, 0, 0, -1, 0, 0, -1]);
    expect([batch.chosenLengths.data[0], batch.rejectedLengths.data[0]]).toEqual([3, 2]);
  });
});

describe('max_length 8', () => {
  const pairs = [
    { prompt: 'abcd', chosen: 'ef', rejected: 'ghijk' },
    { prompt: 'abcdefghij', chosen: 'k', rejected: 'l' },
  ].map((pair) => tokenizePair(pair, chatBytes));

  test('keep_start: the same tokens, and the pair whose prompt fills the length is dropped', () => {
    const { kept, dropped, cut } = truncatePairs(pairs, { maxLength: 8, keep: 'start' });
    expect([dropped, cut]).toEqual([[1], 1]);
    expect([...collatePairs(kept, { padId: 302 }).ids.data]).toEqual([
      ...[97, 98, 99, 100, 101, 102, 301, 302],
      ...[97, 98, 99, 100, 103, 104, 105, 106],
    ]);
  });

  test('keep_end: the same tokens but one side: TRL leaves a chosen that fits its longer prompt, here contexts stay one', () => {
    const { kept, dropped, cut } = truncatePairs(pairs, { maxLength: 8, keep: 'end' });
    expect([dropped, cut]).toEqual([[], 2]);
    expect([...collatePairs(kept, { padId: 302 }).ids.data]).toEqual([
      ...[99, 100, 101, 102, 301, 302, 302, 302], // TRL: 97 98 99 100 101 102 301 302
      ...[101, 102, 103, 104, 105, 106, 107, 301],
      ...[99, 100, 103, 104, 105, 106, 107, 301],
      ...[101, 102, 103, 104, 105, 106, 108, 301],
    ]);
  });
});

describe('SFT', () => {
  const turns = [user('Q'), assistant('Let me check.'), user('Hurry up!'), assistant('It is 5.')];
  /** `assistant_only_loss=True`, by the template's generation marks; −100 where nothing is scored. */
  const ids = [
    ...[300, 117, 115, 101, 114, 10, 81, 301, 10, 300, 97, 115, 115, 105, 115, 116, 97, 110, 116, 10],
    ...[76, 101, 116, 32, 109, 101, 32, 99, 104, 101, 99, 107, 46, 301, 10],
    ...[300, 117, 115, 101, 114, 10, 72, 117, 114, 114, 121, 32, 117, 112, 33, 301, 10],
    ...[300, 97, 115, 115, 105, 115, 116, 97, 110, 116, 10, 73, 116, 32, 105, 115, 32, 53, 46, 301, 10],
  ];
  const scored = [...text(20, ...Array(14)), ...text(29, ...Array(9)), 0];

  test("several turns: TRL's assistant masks to the token, from the difference of renderings; the last newline is left out", () => {
    const example = tokenizeCompletion(read({ messages: turns }, 'messages'), chatBytes);
    expect(example.ids).toEqual(ids.slice(0, -1));
    expect(mask(example)).toEqual(scored.slice(0, -1));
  });

  test("a completion of several turns: TRL scores the user's words too (all of 76 … 10); here the assistant's alone", () => {
    const row = { prompt: turns.slice(0, 1), completion: turns.slice(1) };
    const example = tokenizeCompletion(read(row, 'prompt-completion'), chatBytes);
    expect([example.ids, mask(example)]).toEqual([ids.slice(0, -1), scored.slice(0, -1)]);
  });

  test.each(['abc', 'abc<|im_end|>', 'abc<|im_end|>\n'])('%j: 97 98 99 301 (TRL adds 10 301 to the third)', (whole) => {
    const example = tokenizeCompletion(read({ text: whole }, 'text'), chatBytes);
    expect([example.ids, mask(example)]).toEqual([
      [97, 98, 99, 301],
      [0, 1, 1, 1],
    ]);
  });
});
