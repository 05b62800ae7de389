import { type StepPair, stepCredits, type ValuedTrajectory } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTrlRow } from './from-trl.ts';
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
  })
  .map(({ shared, own, steps, values, kind, prompt }) => ({
    questionId: 'q',
    prompt,
    kind,
    chosen: { prefix: [...shared, ...own[0]], step: steps[0], value: values[0] },
    rejected: { prefix: [...shared, ...own[1]], step: steps[1], value: values[1] },
  }));

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
        expect(back).toEqual(json(trajectory));
      }),
    );
  });

  test("TRL's keys verbatim; without our columns a TRL row is left, the same text", () => {
    fc.assert(
      fc.property(trajectories, (trajectory) => {
        const { prompt, completions, labels, ...ours } = toTrlRow(trajectory);
        expect(Object.keys(ours).toSorted()).toEqual([
          ...['q_credits', 'question_id', 'reward', 'values'],
          ...(trajectory.visits ? ['visits'] : []),
        ]);
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
        for (const conversational of [false, true]) {
          expect(fromTrlRow(json(toTrlRow(pair, { conversational })))).toMatchObject({
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
  const user = { role: 'user', content: '2+3?' };
  const answer = (content: string) => ({ role: 'assistant', content });

  test('unpaired, prompt-completion and prompt-only', () => {
    const id = { question_id: 'q' };
    expect(fromTrlRow({ prompt: 'p', completion: 'c', label: false, ...id })).toEqual({
      type: 'unpaired',
      questionId: 'q',
      prompt: 'p',
      completion: 'c',
      label: false,
    });
    expect(fromTrlRow({ prompt: [user], completion: [answer('5')], ...id })).toEqual({
      type: 'prompt-completion',
      questionId: 'q',
      prompt: '2+3?',
      completion: '5',
    });
    expect(fromTrlRow({ prompt: 'p', ...id })).toEqual({ type: 'prompt', questionId: 'q', prompt: 'p' });
  });

  test('a question without an id gets one from its prompt', () => {
    const [one, same, other] = ['p', 'p', 'r'].map((prompt) => fromTrlRow({ prompt }).questionId);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[0-9a-f]{16}$/);
  });

  test('a conversation needs a template, one message does not', () => {
    const row = {
      prompt: [{ role: 'system', content: 'Be brief.' }, user],
      chosen: [answer('5')],
      rejected: [answer('6')],
    };
    expect(() => fromTrlRow(row)).toThrow('fromTrlRow: a conversation of 2 messages needs options.render');
    const render = (messages: readonly { role: string; content: string }[]) =>
      `${messages.map(({ role, content }) => `${role}: ${content}\n`).join('')}assistant: `;
    expect(fromTrlRow(row, { render })).toMatchObject({
      prompt: 'system: Be brief.\nuser: 2+3?\nassistant: ',
      chosen: '5',
      rejected: '6',
    });
  });

  test('a preference without a prompt has it in what both sides begin with', () => {
    expect(fromTrlRow({ chosen: 'The sky is blue.', rejected: 'The sky is green.' })).toMatchObject({
      prompt: 'The sky is',
      chosen: ' blue.',
      rejected: ' green.',
    });
    expect(fromTrlRow({ chosen: [user, answer('5')], rejected: [user, answer('6')] })).toMatchObject({
      prompt: '2+3?',
      chosen: '5',
      rejected: '6',
    });
    expect(() => fromTrlRow({ chosen: 'a', rejected: [answer('b')] })).toThrow(
      'chosen and rejected must both be text or both be messages',
    );
  });

  test('a separator goes behind every step but the last, once', () => {
    const row = { prompt: 'p', completions: ['a', 'b\n', 'c'], labels: [true, true, true] };
    expect(fromTrlRow(row, { separator: '\n' })).toMatchObject({ steps: ['a\n', 'b\n', 'c'] });
    expect(fromTrlRow(row)).toMatchObject({ steps: ['a', 'b\n', 'c'] });
  });

  test('what is no row is an error that names the column', () => {
    expect(() => fromTrlRow({ question: 'p' })).toThrow('fromTrlRow: row: prompt: ');
    expect(() => fromTrlRow({ prompt: 'p', completions: ['a'], labels: [] })).toThrow(
      'fromTrlRow: row: labels: must hold 1, got 0',
    );
    expect(() => fromTrlRow({ prompt: 'p', chosen: 'a' })).toThrow('fromTrlRow: row: rejected: ');
  });
});
