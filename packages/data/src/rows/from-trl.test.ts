import { type StepPair, stepCredits, type ValuedTrajectory } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistant, calling, chatml, plainTurns, user } from '../test-support/templates.ts';
import type { RenderMessages } from './conversation.ts';
import { fromTrlRow, type TrlContent } from './from-trl.ts';
import { rowSchemas } from './schemas.ts';
import { toTrlRow } from './to-trl.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const value = fc.double({ min: -1, max: 1, noNaN: true });

const trajectories: fc.Arbitrary<ValuedTrajectory> = fc
  .record({
    questionId: text,
    prompt: text,
    steps: fc.array(text, { minLength: 1, maxLength: 5 }),
    right: fc.boolean(),
    visited: fc.boolean(),
  })
  .chain(({ right, visited, ...rest }) =>
    fc.array(value, { minLength: rest.steps.length, maxLength: rest.steps.length }).map((inner) => {
      const values = [...inner, 0];
      const reward = right ? 1 : -1;
      const rewards = rest.steps.map((_, t) => (t === rest.steps.length - 1 ? reward : 0));
      return {
        ...rest,
        reward,
        values,
        credits: stepCredits(rewards, values),
        ...(visited && { visits: rest.steps.map((_, t) => t + 1) }),
        ...(visited && { draws: rest.steps.map((_, t) => (t === 1 ? undefined : { tokenIds: [t], logps: [-1 - t] })) }),
      };
    }),
  );

const pairs: fc.Arbitrary<StepPair> = fc
  .record({
    shared: fc.array(text, { maxLength: 3 }),
    own: fc.tuple(fc.array(text, { maxLength: 2 }), fc.array(text, { maxLength: 2 })),
    steps: fc.tuple(text, text),
    values: fc.tuple(value, value),
    kind: fc.constantFrom('sibling' as const, 'cousin' as const, 'terminal' as const),
    prompt: text,
    draws: fc.option(fc.constant([{ tokenIds: [1, 2], logps: [-0.5, -0.25] }]), { nil: undefined }),
  })
  .map(({ shared, own, steps, values, kind, prompt, draws }) => ({
    questionId: 'q',
    prompt,
    kind,
    chosen: { prefix: [...shared, ...own[0]], step: steps[0], value: values[0], ...(draws && { draws }) },
    rejected: { prefix: [...shared, ...own[1]], step: steps[1], value: values[1] },
  }));

/** As a file has it. */
const json = <Value>(row: Value): Value => JSON.parse(JSON.stringify(row));

describe('trajectories', () => {
  test('there and back, through JSON', () => {
    fc.assert(
      fc.property(trajectories, (trajectory) => {
        const { type, labels, ...back } = fromTrlRow(json(toTrlRow(trajectory))) as Extract<
          ReturnType<typeof fromTrlRow>,
          { type: 'stepwise' }
        >;
        expect(type).toBe('stepwise');
        expect(labels.length).toBe(trajectory.steps.length);
        const { draws } = trajectory;
        expect(back).toEqual({ ...json(trajectory), ...(draws && { draws }) });
      }),
    );
  });

  test("TRL's keys verbatim; without our columns a TRL row is left, the same text", () => {
    fc.assert(
      fc.property(trajectories, (trajectory) => {
        const { prompt, completions, labels, ...ours } = toTrlRow(trajectory);
        expect(Object.keys(ours).toSorted()).toEqual(
          [
            ...['q_credits', 'question_id', 'reward', 'values'],
            ...(trajectory.visits ? ['draws', 'visits'] : []),
          ].toSorted(),
        );
        expect(rowSchemas.stepwise.parse({ prompt, completions, labels })).toEqual({ prompt, completions, labels });
        expect(fromTrlRow({ prompt, completions, labels })).toMatchObject({ prompt, steps: completions });
      }),
    );
  });
});

describe('pairs', () => {
  test('there and back, through JSON, prefixes of their own included', () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const render: RenderMessages = (messages) => messages.map(({ content }) => content).join('');
        for (const conversational of [false, true]) {
          expect(fromTrlRow(json(toTrlRow(pair, { conversational })), { render })).toMatchObject({
            type: 'preference',
            pair: json(pair),
          });
        }
      }),
    );
  });

  test('prompt + chosen and prompt + rejected are the two texts', () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const row = toTrlRow(pair);
        for (const side of ['chosen', 'rejected'] as const) {
          expect(`${row.prompt}${row[side]}`).toBe(pair.prompt + pair[side].prefix.join('') + pair[side].step);
        }
      }),
    );
  });
});

describe('rows of others', () => {
  const Q = user('2+3?');

  test('unpaired, prompt-completion, messages, text and prompt-only', () => {
    const id = { question_id: 'q' };
    const ours = { questionId: 'q', prompt: 'p', completion: 'c' };
    expect(fromTrlRow({ prompt: 'p', completion: 'c', label: false, ...id })).toEqual({
      type: 'unpaired',
      ...ours,
      label: false,
    });
    expect(fromTrlRow({ prompt: 'p', completion: 'c', ...id })).toEqual({ type: 'prompt-completion', ...ours });
    const asked = { questionId: 'q', prompt: '<|im_start|>user\n2+3?<|im_end|>\n<|im_start|>assistant\n' };
    const chat = { ...asked, completion: '5<|im_end|>\n' };
    const options = { render: chatml };
    expect(fromTrlRow({ prompt: [Q], completion: [assistant('5')], ...id }, options)).toEqual({
      type: 'prompt-completion',
      ...chat,
    });
    expect(fromTrlRow({ prompt: '2+3?', completion: [Q, assistant('5')], label: true, ...id }, options)).toEqual({
      ...{ type: 'unpaired', ...chat },
      label: true,
    });
    // no_robots and ultrachat have the first question beside the conversation.
    expect(fromTrlRow({ prompt: '2+3?', messages: [Q, assistant('5')], ...id }, options)).toEqual({
      type: 'messages',
      ...chat,
    });
    expect(fromTrlRow({ text: 'a b', ...id })).toEqual({
      type: 'text',
      questionId: 'q',
      prompt: '',
      completion: 'a b',
    });
    expect(fromTrlRow({ prompt: [Q], ...id }, options)).toEqual({ type: 'prompt', ...asked });
    expect(fromTrlRow({ prompt: 'p', ...id })).toEqual({ type: 'prompt', questionId: 'q', prompt: 'p' });
  });

  test('a question without an id gets one from its prompt', () => {
    const [one, same, other] = ['p', 'p', 'r'].map((prompt) => fromTrlRow({ prompt }).questionId);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[0-9a-f]{16}$/);
  });

  test('a conversation is never trained as bare text', () => {
    const rows = [
      { prompt: [Q] },
      { messages: [Q, assistant('5')] },
      { prompt: [Q], completion: [assistant('5')] },
      { prompt: [Q], completion: '5', label: true },
      { prompt: [Q], completions: ['5'], labels: [true] },
      { chosen: [Q, assistant('5')], rejected: [Q, assistant('6')] },
    ];
    for (const row of rows)
      expect(() => fromTrlRow(row)).toThrow('a conversation needs options.render, the chat template');
  });

  test('whole conversations beside a text prompt, as ultrafeedback_binarized has them', () => {
    const row = {
      ...{ prompt: 'Q', prompt_id: 'x', messages: [user('Q'), assistant('A')] },
      ...{
        chosen: [user('Q'), assistant('A')],
        rejected: [user('Q'), assistant('B')],
        score_chosen: 8,
        score_rejected: 2,
      },
    };
    const expected = { type: 'preference', prompt: '<user>Q<assistant>', chosen: 'A', rejected: 'B' };
    expect(fromTrlRow(row, { render: plainTurns })).toMatchObject(expected);
  });

  test('tool calls are what the sides differ in, or the row is refused', () => {
    const row = (content: string | null) => ({
      ...{ prompt: [Q], tools: JSON.stringify([{ name: 'weather' }]) },
      ...{ chosen: [calling('Paris', content)], rejected: [calling('London', content)] },
    });
    for (const content of [null, '']) {
      const { prompt, chosen, rejected } = preference(fromTrlRow(row(content), { render: chatml }));
      expect(prompt).toContain('[{"name":"weather"}]');
      expect([chosen, rejected].map((side) => /"city":"(\w+)"/.exec(side)?.[1])).toEqual(['Paris', 'London']);
      expect(() => fromTrlRow(row(content), { render: plainTurns })).toThrow('leaves out');
    }
    const thoughts = ['a', 'b'].map((reasoning_content) => [{ ...assistant('5'), reasoning_content }]);
    expect(() => fromTrlRow({ prompt: [Q], chosen: thoughts[0], rejected: thoughts[1] }, { render: chatml })).toThrow(
      'renders chosen and rejected alike although they differ',
    );
  });

  test("several turns: each side says which parts are the assistant's", () => {
    const chosen = [assistant('Wait.'), user('Now!'), assistant('5')];
    const content = preference(fromTrlRow({ prompt: [Q], chosen, rejected: [assistant('6')] }, { render: chatml }));
    expect(content.scored?.chosen?.map(([start, end]) => content.chosen.slice(start, end))).toEqual([
      'Wait.<|im_end|>\n',
      '5<|im_end|>\n',
    ]);
    expect(content.scored?.rejected).toBeUndefined();
  });

  test('a preference without a prompt has it in what both sides begin with', () => {
    expect(fromTrlRow({ chosen: 'The sky is blue.', rejected: 'The sky is green.' })).toMatchObject({
      prompt: 'The sky is',
      chosen: ' blue.',
      rejected: ' green.',
    });
    expect(() => fromTrlRow({ chosen: 'a', rejected: [assistant('b')] })).toThrow(
      'chosen and rejected must both be text or both be messages',
    );
  });

  test('columns that are null are absent', () => {
    const nulls = { completion: null, label: null, messages: null, tools: null };
    expect(fromTrlRow({ prompt: 'a', chosen: 'b', rejected: 'c', ...nulls })).toMatchObject({ type: 'preference' });
    expect(fromTrlRow({ prompt: null, chosen: 'ab', rejected: 'ac', ...nulls })).toMatchObject({ prompt: 'a' });
  });

  test('a separator goes behind every step but the last, once', () => {
    const row = { prompt: 'p', completions: ['a', 'b\n', 'c'], labels: [true, true, true] };
    expect(fromTrlRow(row, { separator: '\n' })).toMatchObject({ steps: ['a\n', 'b\n', 'c'] });
    expect(fromTrlRow(row)).toMatchObject({ steps: ['a', 'b\n', 'c'] });
  });

  test('what is no row is an error that names the columns found and the kinds known', () => {
    expect(() => fromTrlRow({ question: 'p', answer: 'a' })).toThrow(
      /^fromTrlRow: row must be of a known kind; columns found: question, answer; kinds known: stepwise \(prompt, completions, labels\);.*'question': rename it to `prompt`$/,
    );
    expect(() => fromTrlRow({ conversations: [] })).toThrow(
      "'conversations': rename it to `messages`, its `from` to `role`",
    );
    expect(() => fromTrlRow({})).toThrow('columns found: none');
    for (const bad of [null, 'a', ['a']])
      expect(() => fromTrlRow(bad as never)).toThrow('fromTrlRow: row must be a record { … }, got ');
    expect(() => fromTrlRow({ prompt: 'p', completions: ['a'], labels: [] })).toThrow(
      'fromTrlRow: row: labels: must hold 1, got 0',
    );
    expect(() => fromTrlRow({ prompt: 'p', chosen: 'a' })).toThrow(
      'fromTrlRow: row: rejected: must be text or messages [{ role, content }], got nothing; columns found: prompt, chosen; a row of kind preference holds chosen, rejected, prompt?',
    );
    expect(() => fromTrlRow({ prompt: 'p' }, { rendr: chatml } as object)).toThrow("'rendr' (did you mean 'render'?)");
  });
});

const preference = (content: TrlContent) => content as Extract<TrlContent, { type: 'preference' }>;
