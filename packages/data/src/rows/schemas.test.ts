import { expect, test } from 'vitest';
import { explain, parseWith, rowSchemas } from './schemas.ts';

const stepwise = { prompt: 'p', completions: ['a', 'b'], labels: [true, 0.5] };

test.each([
  ['stepwise', stepwise],
  [
    'stepwise',
    { ...stepwise, values: [0, 1, 0], q_credits: [1, -1], visits: [3, 2], reference_logps: [-1, -2], extra: 'kept' },
  ],
  ['preference', { chosen: 'a', rejected: 'b' }],
  [
    'preference',
    {
      prompt: [{ role: 'user', content: 'p' }],
      chosen: [{ role: 'assistant', content: 'a' }],
      rejected: [{ role: 'assistant', content: 'b' }],
    },
  ],
  ['unpaired', { prompt: 'p', completion: 'a', label: false }],
  ['promptCompletion', { prompt: 'p', completion: 'a' }],
  ['prompt', { prompt: 'p' }],
  ['messages', { messages: [{ role: 'assistant', content: null, tool_calls: [{}] }] }],
  ['text', { text: 'a' }],
  ['stepwise', { ...stepwise, draws: [{ token_ids: [1], logps: [-0.5] }, null] }],
  ['stepDpo', { prompt: 'p', initial_reason_steps: '', chosen: 'a', rejected: 'b', answer: '5' }],
  ['dvo', { prompt: 'p', completions: ['a'], q_credits: [0.5], acc: true }],
  ['oreo', { prompt: 'p', response: 'a', reward: 1 }],
  ['example', { ids: [1, 2], stepIds: [-1, 0], credits: [0.5], terminal: true, referenceLogps: [-1] }],
  [
    'example',
    { ids: [1, 2], stepIds: [-1, 0], credits: [0.5], terminal: false, behaviorLogps: [null, -0.5], droppedSteps: 2 },
  ],
] as const)('%s takes %j as it is', (name, row) => {
  expect(rowSchemas[name].parse(row)).toEqual(row);
});

test.each([
  ['stepwise', { ...stepwise, labels: [true] }, 'labels: must hold 2, got 1'],
  ['stepwise', { ...stepwise, values: [0, 0] }, 'values: must hold 3, got 2'],
  ['stepwise', { ...stepwise, q_credits: ['a', 'b'] }, 'q_credits.0: '],
  ['preference', { prompt: 'p', chosen: 'a' }, 'rejected: '],
  ['unpaired', { prompt: 'p', completion: 'a', label: 1 }, 'label: '],
  ['prompt', { prompt: 5 }, 'prompt: must be text or messages [{ role, content }], got 5'],
  ['stepwise', { ...stepwise, draws: [null] }, 'draws: must hold 2, got 1'],
  [
    'example',
    { ids: [1], stepIds: [0], credits: [0], terminal: true, behaviorLogps: [] },
    'behaviorLogps: must hold 1',
  ],
  ['dvo', { prompt: 'p', completions: ['a'], q_credits: [] }, 'q_credits: must hold 1, got 0'],
  ['example', { ids: [1], stepIds: [-2], credits: [], terminal: true }, 'stepIds.0: '],
  ['example', { ids: [1], stepIds: [], credits: [], terminal: true }, 'stepIds: must hold 1, got 0'],
  ['example', { ids: [0.5], stepIds: [0], credits: [0], terminal: true }, 'ids.0: '],
] as const)('%s refuses %j', (name, row, message) => {
  const { error } = rowSchemas[name].safeParse(row);
  expect(explain(error!)).toContain(message);
});

test('the error begins with where', () => {
  expect(() => parseWith(rowSchemas.oreo, { prompt: 1 }, 'here')).toThrow(
    /^here: prompt: .*; response: .*; reward: .*; columns found: prompt; a row of kind oreo holds prompt, response, reward$/,
  );
});
