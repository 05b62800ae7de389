/** Ends of turn, first tokens and turns of others: what of a completion is scored, once, in every kind of example. */
import { describe, expect, test } from 'vitest';
import { collate } from '../batches/collate.ts';
import { collatePairs } from '../batches/collate-pairs.ts';
import { fromTrlRow } from '../rows/from-trl.ts';
import { bytes, chatBytes } from '../test-support/examples.ts';
import { assistant, chatml, user } from '../test-support/templates.ts';
import { tokenizeCompletion } from './completions.ts';
import type { Example } from './example.ts';
import { tokenizePair } from './pairs.ts';
import { tokenizeTrajectory } from './tokenize.ts';
import { tokenizeUnpaired } from './unpaired.ts';

const prompt = '<|im_start|>user\n2+3?<|im_end|>\n<|im_start|>assistant\n';
const scored = ({ ids, stepIds }: Example): string =>
  chatBytes.decode(
    ids.filter((_, at) => stepIds[at]! >= 0),
    { keepSpecialTokens: true },
  );

describe('one end, scored once', () => {
  test.each([
    '5',
    '5<|im_end|>',
    '5<|im_end|>\n',
    '5<|im_end|> \r\n',
    '5<|im_end|><|im_end|>',
    '5<|im_end|>\n<|endoftext|>',
  ])('%j', (text) => {
    const base = { ...chatBytes, eosId: 302, turnEndId: 301, endIds: [301, 302] };
    const written = text !== '5';
    for (const tokenizer of [chatBytes, base]) {
      const end = written || tokenizer === chatBytes ? '<|im_end|>' : '<|endoftext|>';
      if (tokenizer === chatBytes && text.includes('endoftext')) continue; // to this one it is no end
      const pair = tokenizePair({ prompt, chosen: text, rejected: text.replace('5', '6') }, tokenizer);
      expect(scored(pair.chosen)).toBe(`5${end}`);
      expect(scored(pair.rejected)).toBe(`6${end}`);
      expect(scored(tokenizeUnpaired({ prompt, completion: text, label: true }, tokenizer).example)).toBe(`5${end}`);
      const completion = tokenizeCompletion({ prompt, completion: text }, tokenizer);
      expect([scored(completion), completion.terminal]).toEqual([`5${end}`, true]);
      expect(tokenizer.decode(completion.ids, { keepSpecialTokens: true })).toBe(`${prompt}5${end}`);
      const row = { prompt, steps: ['a\n\n', `Final Answer: ${text}`], credits: [0.5, 0.5] };
      const options = { scoreDelimiters: true };
      expect(scored(tokenizeTrajectory(row, tokenizer, options))).toBe(`a\n\nFinal Answer: 5${end}`);
      // By default neither delimiters nor the end are scored, whether it was written or put there.
      const plain = tokenizeTrajectory(row, tokenizer);
      expect(scored(plain)).toBe('aFinal Answer: 5');
      expect(chatBytes.decode(plain.ids.slice(-1), { keepSpecialTokens: true })).toBe(end);
    }
  });

  test('a delimiter before a written end is still one', () => {
    const row = { prompt, steps: ['Final Answer: 5\n\n<|im_end|>\n'], credits: [1] };
    expect(scored(tokenizeTrajectory(row, chatBytes))).toBe('Final Answer: 5');
  });

  test('a step that ends its turn is terminal, whatever the format says', () => {
    const pair = { questionId: 'q', prompt, kind: 'sibling' as const };
    const side = (step: string) => ({ prefix: ['a\n\n'], step, value: 0 });
    const { chosen, rejected } = tokenizePair(
      { ...pair, chosen: side('5<|im_end|>\n'), rejected: side('6\n\n') },
      chatBytes,
    );
    expect([chosen.terminal, scored(chosen)]).toEqual([true, '5<|im_end|>']);
    expect([rejected.terminal, scored(rejected)]).toEqual([false, '6\n\n']);
  });
});

describe('the first token of a row has no prediction', () => {
  const { bosId: _, ...bare } = bytes;

  test('it is neither scored nor counted', () => {
    const side = (text: string) => tokenizePair({ prompt: '', chosen: text, rejected: 'ab' }, { ...bare, eosId: 0 });
    const { eosId: __, ...endless } = bare;
    const pair = tokenizePair({ prompt: '', chosen: 'abc', rejected: 'ab' }, endless);
    expect(pair.chosen.stepIds).toEqual([-1, 0, 0]);
    const { chosenLengths, rejectedLengths } = collatePairs([pair], { padId: 0 });
    expect([chosenLengths.data[0], rejectedLengths.data[0]]).toEqual([2, 1]);
    expect(tokenizeUnpaired({ prompt: '', completion: 'abc', label: true }, endless).example.stepIds).toEqual([
      -1, 0, 0,
    ]);
    expect(tokenizeTrajectory({ prompt: '', steps: ['a', 'b'], credits: [1, 1] }, endless).stepIds).toEqual([-1, 1]);
    expect(side('abc').chosen.stepIds).toEqual([-1, 0, 0, 0]);
    // Behind a BOS there is a prediction.
    expect(tokenizeCompletion({ prompt: '', completion: 'abc' }, bytes).stepIds).toEqual([-1, 0, 0, 0, 0]);
  });

  test('nor where an example made by hand scores it; a step of that token alone is masked', () => {
    const example = { ids: [5, 6, 7], stepIds: [0, 1, 1], credits: [0.5, 0.25], terminal: true };
    const batch = collate([example], { padId: 0 });
    expect([...batch.stepIds.data]).toEqual([-1, 1, 1]);
    expect([...batch.mask.data]).toEqual([0, 1]);
    const pair = { chosen: example, rejected: example, chosenValue: 0, rejectedValue: 0 };
    expect([...collatePairs([pair], { padId: 0 }).chosenLengths.data]).toEqual([2]);
  });
});

describe('several turns', () => {
  const turns = [assistant('Let me check.'), user('Hurry up!'), assistant('It is 5.')];

  test("only the assistant's are scored, each with its end and without the template's white space", () => {
    const row = fromTrlRow({ prompt: [user('Q')], completion: turns }, { render: chatml });
    const example = tokenizeCompletion(row as Extract<typeof row, { completion: string }>, chatBytes);
    expect(scored(example)).toBe('Let me check.<|im_end|>It is 5.<|im_end|>');
    expect(chatBytes.decode(example.ids, { keepSpecialTokens: true })).toBe(
      chatml([user('Q'), ...turns], { addGenerationPrompt: false }).trimEnd(),
    );
  });

  test('on each side of a pair', () => {
    const row = fromTrlRow({ prompt: [user('Q')], chosen: turns, rejected: [assistant('No.')] }, { render: chatml });
    const pair = tokenizePair(row as Extract<typeof row, { type: 'preference' }>, chatBytes);
    expect(scored(pair.chosen)).toBe('Let me check.<|im_end|>It is 5.<|im_end|>');
    expect(scored(pair.rejected)).toBe('No.<|im_end|>');
  });

  test('parts that are not in their order are an error', () => {
    for (const parts of [
      [[0, 9]],
      [[1, 0]],
      [
        [0, 2],
        [1, 3],
      ],
    ] as const)
      expect(() => tokenizeCompletion({ prompt, completion: 'abc', scored: parts as never }, chatBytes)).toThrow(
        'tokenizeCompletion: scored must be parts of the completion in their order',
      );
  });
});

describe('what was drawn', () => {
  const draw = (text: string, ...end: number[]) => {
    const tokenIds = [...chatBytes.encode(text), ...end];
    return { tokenIds, logps: tokenIds.map((_, at) => -(at + 1) / 8) };
  };

  test('the end that was drawn has its log-prob; one that was put there has none', () => {
    const row = { prompt: 'Q', steps: ['a\n\n', 'Final Answer: 5'], credits: [0, 0] };
    const draws = [draw('a\n\n'), draw('Final Answer: 5', 301)];
    const options = { scoreDelimiters: true };
    const example = tokenizeTrajectory({ ...row, draws }, chatBytes, options);
    expect(example.behaviorLogps).toEqual([null, ...draws[0]!.logps, ...draws[1]!.logps]);
    expect(scored(example)).toBe('a\n\nFinal Answer: 5<|im_end|>');
    const stopped = tokenizeTrajectory({ ...row, draws: [draws[0], draw('Final Answer: 5')] }, chatBytes, options);
    expect(stopped.ids).toEqual(example.ids);
    expect(stopped.behaviorLogps?.at(-1)).toBe(null);
    expect(tokenizeTrajectory(row, chatBytes, options)).not.toHaveProperty('behaviorLogps');
    expect(() => tokenizeTrajectory({ ...row, draws: [undefined] }, chatBytes)).toThrow('draws.length must be 2');
  });

  test('a completion takes its steps together where all are known', () => {
    const row = { prompt: 'Q', completion: 'a\n\nb', label: true };
    const { example } = tokenizeUnpaired({ ...row, draws: [draw('a\n\n', 301), draw('b', 301)] }, chatBytes);
    expect(scored(example)).toBe('a\n\nb<|im_end|>');
    expect(example.behaviorLogps).toEqual([null, -1 / 8, -2 / 8, -3 / 8, -1 / 8, -2 / 8]);
    expect(tokenizeUnpaired({ ...row, draws: [draw('a\n\n'), undefined] }, chatBytes).example).not.toHaveProperty(
      'behaviorLogps',
    );
  });

  test('a side of a pair keeps the tokens of its prefix and its step', () => {
    const base = { questionId: 'q', prompt: 'Q', kind: 'cousin' as const };
    const chosen = { prefix: ['a\n\n'], step: 'b\n\n', value: 1, draws: [draw('a\n\n'), draw('b\n\n')] };
    const rejected = { prefix: [], step: 'c\n\n', value: -1 };
    const pair = tokenizePair({ ...base, chosen, rejected }, chatBytes);
    expect(scored(pair.chosen)).toBe('b\n\n');
    expect(pair.chosen.behaviorLogps).toEqual([null, -1 / 8, -2 / 8, -3 / 8, -1 / 8, -2 / 8, -3 / 8]);
    expect(pair.rejected).not.toHaveProperty('behaviorLogps');
    // One side known: the batch has them, NaN where a scored token's is not known, 0 where nothing is scored.
    const { behaviorLogps } = collatePairs([pair], { padId: 302 });
    expect([...behaviorLogps!.data]).toEqual([
      ...[0, 0, 0, 0, -1 / 8, -2 / 8, -3 / 8],
      ...[0, Number.NaN, Number.NaN, Number.NaN, 0, 0, 0],
    ]);
    expect(() => tokenizePair({ ...base, chosen: { ...chosen, draws: [] }, rejected }, chatBytes)).toThrow(
      'tokenizePair: draws.length must be 2',
    );
  });
});

test('a template that marks an answer without its end leaves that end unscored, and no second one is put behind it', () => {
  const row = { prompt, completion: '5<|im_end|>\n', scored: [[0, 1]] as const };
  const example = tokenizeCompletion(row, chatBytes);
  expect(scored(example)).toBe('5');
  expect(chatBytes.decode(example.ids, { keepSpecialTokens: true })).toBe(`${prompt}5<|im_end|>\n`);
});
