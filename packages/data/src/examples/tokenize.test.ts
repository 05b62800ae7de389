import { gsm8kFormat, xmlFormat } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes, marking, merging, trajectories } from '../test-support/examples.ts';
import type { Example } from './example.ts';
import { tokenizeTrajectory } from './tokenize.ts';
import type { TokenizerLike } from './tokenizer.ts';

/** The text of the tokens scored in a step. */
const scoredText = ({ ids, stepIds }: Example, step: number, tokenizer: TokenizerLike): string =>
  tokenizer.decode(ids.filter((_, at) => stepIds[at] === step));

const body = ({ ids }: Example): number[] => ids.filter((id) => id !== 256 && id !== 257);

describe.each([
  { name: 'bytes', tokenizer: bytes },
  { name: 'merges', tokenizer: merging },
])('$name', ({ tokenizer }) => {
  describe.each(['separate', 'joint'] as const)('boundaries %s', (boundaries) => {
    test('decoding gives prompt and steps back; one BOS; EOS after a terminal step only', () => {
      fc.assert(
        fc.property(trajectories, (row) => {
          const example = tokenizeTrajectory(row, tokenizer, { boundaries });
          expect(tokenizer.decode(body(example))).toBe(row.prompt + row.steps.join(''));
          expect(example.ids.filter((id) => id === 256).length).toBe(1);
          expect(example.ids[0]).toBe(256);
          const terminal = row.steps.at(-1)!.includes('Final Answer:');
          expect(example.terminal).toBe(terminal);
          expect(example.ids.filter((id) => id === 257).length).toBe(terminal ? 1 : 0);
          if (terminal) expect([example.ids.at(-1), example.stepIds.at(-1)]).toEqual([257, -1]);
        }),
      );
    });

    test('steps are scored in order, each in one run, and prompt and delimiters are not', () => {
      fc.assert(
        fc.property(trajectories, (row) => {
          const { stepIds } = tokenizeTrajectory(row, tokenizer, { boundaries });
          const runs = stepIds.filter((step, at) => step !== -1 && step !== stepIds[at - 1]);
          expect(runs).toEqual(runs.toSorted((a, b) => a - b));
          expect(new Set(runs).size).toBe(runs.length);
          expect(runs.every((step) => step < row.steps.length)).toBe(true);
        }),
      );
    });
  });

  test('separate: the scored text of a step is its body, up to a token that holds body and delimiter both', () => {
    fc.assert(
      fc.property(trajectories, (row) => {
        const example = tokenizeTrajectory(row, tokenizer);
        row.steps.forEach((step, t) => {
          const text = scoredText(example, t, tokenizer);
          expect(step.startsWith(text)).toBe(true);
          expect(text.startsWith(step.replace(/\n{2,}$/, ''))).toBe(true);
        });
      }),
    );
  });

  test('with scoreDelimiters every token after the prompt is scored, EOS too', () => {
    fc.assert(
      fc.property(trajectories, (row) => {
        const example = tokenizeTrajectory(row, tokenizer, { scoreDelimiters: true });
        const promptTokens = 1 + tokenizer.encode(row.prompt).length;
        expect(example.stepIds.slice(0, promptTokens).every((step) => step === -1)).toBe(true);
        expect(example.stepIds.slice(promptTokens).every((step) => step >= 0)).toBe(true);
        row.steps.forEach((step, t) => {
          const ids = example.ids.filter((id, at) => example.stepIds[at] === t && id !== 257);
          expect(tokenizer.decode(ids)).toBe(step);
        });
      }),
    );
  });
});

test('a token across a boundary counts for the step it begins in (joint); pieces have none (separate)', () => {
  // 'a.\n\nstep' is one text for a vocabulary with '.\n\n' and '\n\nstep': the delimiter's token begins in the first step.
  const row = { prompt: '', steps: ['a\n\n', 'step'], credits: [0, 0] };
  const joint = tokenizeTrajectory(row, merging, { boundaries: 'joint' });
  expect(joint.ids.length).toBe(3);
  expect(joint.stepIds).toEqual([-1, 0, -1]);
  const separate = tokenizeTrajectory(row, merging);
  expect(separate.stepIds).toEqual([-1, 0, -1, 1]);
});

test("the format decides what is a delimiter and what is terminal; the row's own word comes first", () => {
  const lines = { prompt: 'q\n', steps: ['2+3=5\n', '#### 5'], credits: [0.5, 0.5] };
  const example = tokenizeTrajectory(lines, bytes, { format: gsm8kFormat });
  expect(example.terminal).toBe(true);
  expect(scoredText(example, 0, bytes)).toBe('2+3=5');
  expect(tokenizeTrajectory({ ...lines, terminal: false }, bytes, { format: gsm8kFormat }).ids.at(-1)).not.toBe(257);
  const xml = { prompt: 'q\n', steps: ['<step>\n<p>\na\n</p>\n</step>\n'], credits: [0.5] };
  expect(scoredText(tokenizeTrajectory(xml, bytes, { format: xmlFormat }), 0, bytes)).toBe('<step>\n<p>\na\n</p>');
});

test('a prompt that begins with BOS gets no second one; a tokenizer without specials gets none', () => {
  const chat: TokenizerLike = {
    ...bytes,
    encode: (text) => (text === 'q' ? [256, 113] : bytes.encode(text)),
    decode: (ids) => bytes.decode(ids.filter((id) => id !== 256)),
  };
  expect(tokenizeTrajectory({ prompt: 'q', steps: ['a'], credits: [0] }, chat).ids).toEqual([256, 113, 97]);
  const { bosId: _, eosId: __, ...plain } = bytes;
  expect(tokenizeTrajectory({ prompt: 'q', steps: ['Final Answer:'], credits: [0] }, plain).ids).toEqual([
    ...Buffer.from('qFinal Answer:'),
  ]);
});

test('a tokenizer whose pieces are not the whole is an error that says what to do, and joint does it', () => {
  const row = { prompt: 'ab', steps: ['cd'], credits: [0] };
  expect(() => tokenizeTrajectory(row, marking)).toThrow(
    /decode\(encode\(text\)\) must be the text, got " cd" where the text has "cd", at character 2 \(boundaries: 'joint'/,
  );
  expect(
    scoredText(tokenizeTrajectory(row, marking, { boundaries: 'joint' }), 0, { ...marking, decode: bytes.decode }),
  ).toBe('cd');
});

test('the special tokens of a chat template are part of the prompt and of its text', () => {
  const chat: TokenizerLike = {
    ...bytes,
    encode: (text) => text.split(/(<user>)/).flatMap((part) => (part === '<user>' ? [300] : bytes.encode(part))),
    decode: (ids, options) =>
      ids.map((id) => (id === 300 ? (options?.keepSpecialTokens ? '<user>' : '') : bytes.decode([id]))).join(''),
  };
  const { ids, stepIds } = tokenizeTrajectory({ prompt: '<user>q', steps: ['a'], credits: [0] }, chat);
  expect([ids, stepIds]).toEqual([
    [256, 300, 113, 97],
    [-1, -1, -1, 0],
  ]);
});

test('credits and steps must be as many', () => {
  expect(() => tokenizeTrajectory({ prompt: '', steps: ['a', 'b'], credits: [1] }, bytes)).toThrow(
    'tokenizeTrajectory: credits.length must be 2, one a step, got 1 (cut steps, credits and draws together)',
  );
});
