import type { Question } from '@svo/mdp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawnTrajectories } from '../rows/drawn-trajectories.ts';
import { extractPairs } from '../rows/extract-pairs.ts';
import { stepsTo } from '../tree/path.ts';
import { type DrawnResponse, prefixTree } from './prefix-tree.ts';

const question: Question = { id: 'q', prompt: '?', answer: '1' };
const verifier = ({ answer }: Question, response: string) => ({ equivalent: response.endsWith(answer!), how: 'end' });

/** Responses over a small alphabet, so that prefixes are shared and whole responses repeat. */
const responses = fc.array(
  fc.record({ steps: fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }), last: fc.constantFrom('0', '1') }),
  { minLength: 1, maxLength: 20 },
);
const drawnFrom = (list: readonly { readonly steps: readonly string[]; readonly last: string }[]): DrawnResponse[] =>
  list.map(({ steps, last }) => ({ steps: [...steps, last], finished: true }));

const startsWith = (steps: readonly string[], prefix: readonly string[]): boolean =>
  prefix.every((step, t) => steps[t] === step);

test('a state is worth the mean outcome of the responses that went through it', () => {
  fc.assert(
    fc.property(responses, (list) => {
      const drawn = drawnFrom(list);
      const tree = prefixTree(question, drawn, { verifier, shrink: false });
      for (let node = 0; node < tree.size; node++) {
        const prefix = stepsTo(tree, node);
        const outcomes = drawn
          .filter(({ steps }) => startsWith(steps, prefix))
          .map(({ steps }) => (steps.at(-1) === '1' ? 1 : -1));
        const mean = outcomes.reduce((sum: number, outcome) => sum + outcome, 0) / outcomes.length;
        expect(tree.values[node]).toBeCloseTo(mean, 12);
        expect(tree.visits[node]).toBe(outcomes.length);
      }
    }),
  );
});

test('shrunk: (Σ outcomes + V(parent)) / (n + 1), from the root down', () => {
  fc.assert(
    fc.property(responses, (list) => {
      const drawn = drawnFrom(list);
      const means = prefixTree(question, drawn, { verifier, shrink: false });
      const tree = prefixTree(question, drawn, { verifier });
      for (let node = 0; node < tree.size; node++) {
        const [n, mean] = [means.visits[node]!, means.values[node]!];
        const above = node === 0 ? 0 : tree.values[tree.parents[node]!]!;
        const terminal = tree.firstChildren[node]! < 0;
        expect(tree.values[node]).toBeCloseTo(terminal ? mean : (n * mean + above) / (n + 1), 12);
      }
    }),
  );
});

test('every draw is a trajectory, as often as it was drawn, and its credits add up to r − V(s₀)', () => {
  fc.assert(
    fc.property(responses, (list) => {
      const drawn = drawnFrom(list);
      const tree = prefixTree(question, drawn, { verifier });
      const trajectories = drawnTrajectories(tree);
      const texts = (all: readonly { readonly steps: readonly string[] }[]) =>
        all.map(({ steps }) => steps.join('|')).toSorted();
      expect(texts(trajectories)).toEqual(texts(drawn));
      for (const { credits, reward, values } of trajectories)
        expect(credits.reduce((sum, credit) => sum + credit, 0)).toBeCloseTo(reward - values[0]!, 12);
    }),
  );
});

test('a response that ran out of tokens is cut: worth −1, whatever it says', () => {
  const tree = prefixTree(question, [{ steps: ['a', '1'], finished: false }], { verifier, shrink: false });
  expect(tree.values[0]).toBe(-1);
});

test('pairs compare siblings that lead apart', () => {
  const drawn = drawnFrom([
    { steps: ['a'], last: '1' },
    { steps: ['b'], last: '0' },
  ]);
  const pairs = extractPairs(prefixTree(question, drawn, { verifier }), { seed: 1 });
  expect(pairs.some(({ chosen, rejected }) => chosen.step === 'a' && rejected.step === 'b')).toBe(true);
});

test('no response, or an empty one, is an error', () => {
  expect(() => prefixTree(question, [], { verifier })).toThrow('responses must hold at least one, got none');
  expect(() => prefixTree(question, [{ steps: [], finished: true }], { verifier })).toThrow(
    'at least one step or a failure',
  );
});
