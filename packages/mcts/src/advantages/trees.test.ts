/** Advantages of the nodes of a tree: public implementations' numbers, and what holds of every tree. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromDraws, fromSearch, goldensOf } from '../test-support/advantage-goldens.ts';
import { growTree } from '../test-support/grow-tree.ts';
import { pathTo, stepsTo } from '../tree/path.ts';
import { countedTerminals } from '../tree/terminals.ts';
import type { Tree } from '../tree/tree.ts';
import { advantageRows } from './advantage-rows.ts';
import { grpoAdvantages } from './groups.ts';
import { childMeans, leafMeans } from './leaf-means.ts';
import { progressAdvantages } from './progress.ts';
import { siblingAdvantages, stepAdvantages } from './step-advantages.ts';
import { tempoAdvantages } from './tempo.ts';
import { treeRlAdvantages } from './tree-rl.ts';

/** Trees of all kinds: from draws, and from searches with failures, lost answers and leaves in flight. */
const drawnTree = fc
  .array(
    fc
      .tuple(fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }), fc.constantFrom('0', '1'))
      .map(([steps, last]) => [...steps, last]),
    { minLength: 1, maxLength: 12 },
  )
  .map(fromDraws);
const searchedTree = fc
  .record({ seed: fc.integer({ min: 1, max: 500 }), iterations: fc.integer({ min: 0, max: 12 }) })
  .map(({ seed, iterations }) => growTree({ seed, iterations, inFlight: 2 }));
const anyTree = fc.oneof(drawnTree, searchedTree);

const nodeBy = (tree: Tree, steps: readonly string[]): number =>
  Array.from({ length: tree.size }, (_, node) => node).find(
    (node) => stepsTo(tree, node).join('|') === steps.join('|'),
  )!;
const total = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((a, b) => a + b, 0);

describe('goldens', () => {
  test.each(goldensOf('stepAdvantages').filter(([, { edges }]) => edges !== undefined))('%s', (_, golden) => {
    const tree = fromSearch(golden.responses);
    // The public code has rewards of 0 and 1.
    const values = childMeans(tree).map((v) => (v + 1) / 2);
    const advantages = stepAdvantages(tree, { values, ...golden.options });
    const prover = progressAdvantages(tree, { values, rewards: { correct: 1, wrong: 0 } });
    for (const { prefix, step, advantage, prover: expected } of golden.edges) {
      const node = Array.from({ length: tree.size }, (_, s) => s).find((s) => {
        const steps = stepsTo(tree, s);
        return steps.at(-1) === step && steps.slice(0, -1).join('') === prefix;
      })!;
      expect(advantages[node]).toBeCloseTo(advantage, 12);
      expect(prover[node]).toBeCloseTo(expected, 12);
    }
  });

  test.each(goldensOf('stepAdvantages').filter(([, { edges }]) => edges === undefined))('%s', (_, golden) => {
    const tree = fromDraws([['a', 'b', '1']]);
    expect([...stepAdvantages(tree, { values: [...golden.values, golden.rewards.at(-1)!] })].slice(1)).toEqual(
      golden.advantages,
    );
  });

  test.each(goldensOf('treeRlAdvantages'))('%s', (_, { responses, paths }) => {
    const tree = fromDraws(responses);
    const n = responses.length;
    const values = leafMeans(tree).map((v) => (v + 1) / 2);
    const advantages = treeRlAdvantages(tree, { values });
    responses.forEach((steps, i) => {
      steps.forEach((_step, t) => {
        const node = nodeBy(tree, steps.slice(0, t + 1));
        // A step that changes nothing gets the number of the step before there.
        if (values[node] === values[tree.parents[node]!]) return;
        // It does not divide by √leaves here, and leaves centred on the mean of the others make it n/(n − 1) times the paper.
        const leaves = responses.filter((other) => steps.slice(0, t + 1).every((step, k) => other[k] === step)).length;
        expect((advantages[node]! * Math.sqrt(leaves) * n) / (n - 1)).toBeCloseTo(paths[i]![t]!, 12);
      });
    });
  });

  test.each(goldensOf('siblingAdvantages'))('%s', (_, { responses, edges, options }) => {
    const tree = fromSearch(responses);
    const advantages = siblingAdvantages(tree, { values: childMeans(tree).map((v) => (v + 1) / 2) });
    for (const { prefix, step, advantage } of edges) {
      // Against the mean of the others it is n/(n − 1) times that against the mean of all; every node has four children here.
      const scale = options?.others === true ? 4 / 3 : 1;
      expect(advantages[nodeBy(tree, prefix === '' ? [step] : [prefix, step])]! * scale).toBeCloseTo(advantage, 12);
    }
    expect(edges.length).toBeGreaterThan(0);
  });

  test.each(goldensOf('tempoAdvantages'))('%s', (_, { responses, paths, options }) => {
    const tree = fromDraws(responses);
    const byPath = new Map(
      tempoAdvantages(tree, options).map(({ terminal, advantages }) => [stepsTo(tree, terminal).join('|'), advantages]),
    );
    responses.forEach((steps, i) => {
      paths[i]!.forEach((a, t) => {
        expect(byPath.get(steps.join('|'))![t]).toBeCloseTo(a, 12);
      });
    });
    expect(paths.length).toBeGreaterThan(0);
  });

  test('TEMPO, worked by hand from the formula: r = (1, −1, −1), V(x) = 0', () => {
    const tree = fromDraws([['x', '1'], ['x', '0'], ['0']]);
    // mean −1/3, deviation √(8/3 / 2) = 1.1547005383792515
    const deviation = Math.sqrt(4 / 3);
    const byPath = new Map(
      tempoAdvantages(tree, { epsilon: 0 }).map(({ terminal, advantages }) => [
        stepsTo(tree, terminal).join(''),
        advantages,
      ]),
    );
    const close = (path: string, expected: readonly number[]): void =>
      expected.forEach((a, t) => {
        expect(byPath.get(path)![t]).toBeCloseTo(a / deviation, 12);
      });
    close('x1', [4 / 3 + 1 / 3, 4 / 3 + 1]);
    close('x0', [-2 / 3 + 1 / 3, -2 / 3 - 1]);
    close('0', [-2 / 3 - 2 / 3]);
  });
});

test('law: steps telescope to the reward less the root’s value', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      for (const values of [undefined, leafMeans(tree), childMeans(tree)]) {
        const advantages = stepAdvantages(tree, values === undefined ? {} : { values });
        for (const terminal of countedTerminals(tree)) {
          const along = pathTo(tree, terminal).reduce((sum, node) => sum + advantages[node]!, 0);
          expect(along).toBeCloseTo(tree.values[terminal]! - (values ?? tree.values)[0]!, 9);
        }
      }
    }),
  );
});

test('law: in draws both means are the values by counting', () => {
  fc.assert(
    fc.property(drawnTree, (tree) => {
      for (const means of [leafMeans(tree), childMeans(tree)])
        means.forEach((v, node) => {
          expect(v).toBeCloseTo(tree.values[node]!, 12);
        });
    }),
  );
});

test('law: with child means siblings are compared with their parent', () => {
  fc.assert(
    fc.property(drawnTree, fc.constantFrom('none' as const, 'std' as const), (tree, scale) => {
      const values = childMeans(tree);
      const [steps, siblings] = [stepAdvantages, siblingAdvantages].map((of) =>
        of(tree, { values, scale, epsilon: 1e-3 }),
      );
      steps!.forEach((a, node) => {
        expect(siblings![node]).toBeCloseTo(a, 9);
      });
    }),
  );
});

test('law: siblings’ advantages, each as often as drawn, add up to 0', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const advantages = siblingAdvantages(tree);
      const sums = new Float64Array(tree.size);
      for (let node = 1; node < tree.size; node++) sums[tree.parents[node]!]! += tree.counts[node]! * advantages[node]!;
      expect(sums.every((x) => Math.abs(x) < 1e-9)).toBe(true);
    }),
  );
});

test('law: TreeRL of a chain is the outcome: nothing above the mean of one leaf', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.constantFrom('0', '1'), (length, last) => {
      const chain = fromDraws([[...new Array<string>(length - 1).fill('a'), last]]);
      expect(total(treeRlAdvantages(chain))).toBe(0);
      // Against a question that is worth 0 it is the outcome at every step but the first, where it counts twice.
      const outcome = last === '1' ? 1 : -1;
      const values = Float64Array.from({ length: chain.size }, (_, node) => (node === 0 ? 0 : outcome));
      const expected = Array.from({ length: chain.size }, (_, node) => (node === 0 ? 0 : node === 1 ? 2 : 1) * outcome);
      expect([...treeRlAdvantages(chain, { values })]).toEqual(expected.map((x) => x + 0));
    }),
  );
});

test('law: TEMPO without branchings below the root is GRPO, but for what the first step changed', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('0', '1'), { minLength: 2, maxLength: 8 }), (ends) => {
      const tree = fromDraws(ends.map((end, k) => [`${k}`, 'on', end]));
      const rewards = ends.map((end) => (end === '1' ? 1 : -1));
      const grpo = grpoAdvantages(rewards);
      const own = new Map(
        tempoAdvantages(tree).map(({ terminal, advantages }) => [stepsTo(tree, terminal)[0], advantages]),
      );
      grpo.forEach((a, k) => {
        const [first, ...later] = own.get(`${k}`)!;
        expect(first).toBeCloseTo(2 * a, 9);
        for (const x of later) expect(x).toBeCloseTo(a, 9);
      });
    }),
  );
});

test('law: one attempt is the plain advantage in probabilities; more attempts keep its sign', () => {
  fc.assert(
    fc.property(drawnTree, fc.integer({ min: 2, max: 8 }), (tree, attempts) => {
      const plain = stepAdvantages(tree);
      const [one, more] = [1, attempts].map((k) => progressAdvantages(tree, { attempts: k }));
      plain.forEach((a, node) => {
        expect(one![node]).toBeCloseTo(a / 2, 12);
        expect(Math.sign(more![node]!)).toBe(Math.sign(a));
      });
    }),
  );
});

test('law: what nobody looked at, and the root, get 0; everything is finite', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      for (const of of [stepAdvantages, treeRlAdvantages, progressAdvantages]) {
        const advantages = of(tree);
        expect(advantages[0]).toBe(0);
        for (let node = 0; node < tree.size; node++) {
          expect(Number.isFinite(advantages[node])).toBe(true);
          if (tree.visits[node] === 0) expect(Math.abs(advantages[node]!)).toBe(0);
        }
      }
    }),
  );
});

test('rows: one a draw, one advantage a step', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const rows = advantageRows(tree, stepAdvantages(tree));
      const draws = countedTerminals(tree).reduce((sum, node) => sum + tree.counts[node]!, 0);
      expect(rows.length).toBe(draws);
      for (const { steps, advantages } of rows) expect(advantages.length).toBe(steps.length);
    }),
  );
});

test('errors', () => {
  const tree = fromDraws([['1'], ['0']]);
  expect(() => stepAdvantages(tree, { values: [1] })).toThrow('stepAdvantages: values must hold one a node, 3, got 1');
  expect(() => treeRlAdvantages(tree, { values: [0, Number.NaN, 0] })).toThrow(
    'treeRlAdvantages: values must be finite numbers, got NaN at node 1',
  );
  expect(() => stepAdvantages(tree, { scale: 'var' as never })).toThrow(`scale must be 'none' | 'std', got "var"`);
  expect(() => siblingAdvantages(tree, { epsilon: 0 })).toThrow(
    'siblingAdvantages: epsilon must be a finite number > 0',
  );
  expect(() => tempoAdvantages(tree, { epsilon: -1 })).toThrow('tempoAdvantages: epsilon must be a finite number ≥ 0');
  expect(() => progressAdvantages(tree, { attempts: 0 })).toThrow('attempts must be a positive integer, got 0');
  expect(() => progressAdvantages(tree, { rewards: { correct: 1, wrong: 0 } })).toThrow(
    'values must be in [0, 1], got -1',
  );
  expect(() => advantageRows(tree, [0])).toThrow('advantageRows: advantages must hold one a node, 3, got 1');
  expect(() => treeRlAdvantages(tree, { scale: 1 } as never)).toThrow("treeRlAdvantages: unknown option 'scale'");
});
