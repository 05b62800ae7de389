import { blankLineFormat } from '@svo/mdp';
import { openaiPolicy } from '@svo/policy';
import { expect, it } from 'vitest';
import { plantedTree } from './planted-tree.ts';
import { servedTree } from './served-tree.ts';
import { fakeServer } from './server/fake-server.ts';

const tree = plantedTree({ seed: 8, branching: 3, depth: 3, minDepth: 2 });

it('serves a tree whose responses, step by step over HTTP, are judged as the tree says', async () => {
  const server = await fakeServer({ model: servedTree(tree, { runaway: 0 }) });
  const policy = openaiPolicy({ url: server.url, model: 'tree', format: blankLineFormat });
  for (let index = 0; index < 5; index++) {
    const question = tree.question(index);
    let steps: string[] = [];
    for (let depth = 0; depth < 3 && tree.reward({ questionId: question.id, steps }) === undefined; depth++) {
      const state = { questionId: question.id, steps };
      const [candidate] = await policy.propose({ question, state, count: 1, seed: depth });
      expect(tree.probabilities(state).map((p) => Math.log(p))).toContain(candidate!.logps![0]);
      steps = [...steps, candidate!.text];
    }
    const reward = tree.reward({ questionId: question.id, steps });
    expect(tree.verifier(question, steps.join('')).equivalent).toBe(reward! > 0);
  }
  await server.close();
});

it('has lengths that vary about their mean, and some that never end', () => {
  const model = servedTree(tree, { meanTokens: 30, runaway: 0.2 });
  const draws = Array.from({ length: 500 }, (_, seed) =>
    model.sample(tree.question(0).prompt, { seed, maxTokens: 1000, stop: [] }),
  );
  const [cut, whole] = [
    draws.filter((one) => one.finishReason === 'length'),
    draws.filter((one) => one.finishReason === 'stop'),
  ];
  expect(cut.length / 500).toBeGreaterThan(0.1);
  expect(cut.length / 500).toBeLessThan(0.3);
  expect(cut.every(({ tokens }) => tokens.length === 1000)).toBe(true);
  const mean = whole.reduce((sum, { tokens }) => sum + tokens.length, 0) / whole.length;
  expect(mean).toBeGreaterThan(25);
  expect(mean).toBeLessThan(35);
  expect(new Set(whole.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(20);
});

it('knows the value of a prompt, and refuses a prompt of something else', () => {
  const question = tree.question(1);
  expect(servedTree(tree).value(question.prompt)).toBe(tree.value({ questionId: question.id, steps: [] }));
  expect(() => servedTree(tree).value('What is 2 + 3?')).toThrow('not a prompt of a planted tree');
});
