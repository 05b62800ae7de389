import { characterTokenizer } from '@svo/models';
import { expect, test } from 'vitest';
import { rowMaterial } from './row-material.ts';

const tokenizer = characterTokenizer('0123456789+=? \nabcdefghijklmnopqrstuvwxyzFA:<>');
const render = (messages: readonly { readonly role: string; readonly content?: unknown }[], how = {}) =>
  messages.map(({ role, content }) => `<${role}>${content}`).join('') +
  ('addGenerationPrompt' in how && how.addGenerationPrompt === false ? '' : '<assistant>');
const read = (...rows: object[]) => rowMaterial(rows, { tokenizer }, { render });

test('every kind of row goes where an objective finds it', async () => {
  const chat = (content: string) => [{ role: 'assistant', content }];
  const material = await read(
    { prompt: 'a', chosen: 'b', rejected: 'c' },
    { prompt: [{ role: 'user', content: 'a' }], chosen: chat('b'), rejected: chat('c') },
    { prompt: 'a', initial_reason_steps: 'x', chosen: 'b', rejected: 'c' },
    { prompt: 'a', completion: 'b', label: false },
    { prompt: 'a', completion: 'b' },
    { text: 'ab' },
    { prompt: 'a', completions: ['b\n\n', 'c'], labels: [true, false], values: [0.5, 0.25, 0] },
    { prompt: 'a', completions: ['b', 'c'], q_credits: [0.5, -1], acc: true },
    { prompt: 'a', response: 'b\n\nc', reward: 1 },
  );
  const { pairs, completions, trajectories, trees } = material;
  expect(pairs.map(({ prompt }) => prompt)).toEqual(['a', '<user>a<assistant>', 'a']);
  expect(pairs[2]!.chosen).toEqual({ prefix: ['x'], step: 'b', value: 1 });
  expect(completions.map(({ label }) => label)).toEqual([false, undefined, undefined]);
  expect(trajectories.map(({ reward }) => reward)).toEqual([-1, 1, 1]);
  // c = r + V(s′) − V(s), by hand: 0.25 − 0.5, and −1 + 0 − 0.25.
  expect(trajectories[0]!.credits).toEqual([-0.25, -1.25]);
  expect(trajectories[1]!.steps).toEqual(['b\n\n', 'c']);
  expect(trajectories[2]!.credits).toEqual([]);
  expect(trees).toEqual([]);
});

test('a row that holds nothing to learn, or is none, is named by its number', async () => {
  await expect(read({ prompt: 'a', completion: 'b' }, { prompt: 'a' })).rejects.toThrow('row 2: a prompt alone');
  await expect(read({ question: 'a' })).rejects.toThrow(/row 1: fromTrlRow: row must be of a known kind/);
  await expect(read({ prompt: 'a', completions: ['b'], q_credits: [1] })).rejects.toThrow('row 1: acc must say');
});
