/** What holds of several of the functions at once: units, order, repetition. Laws of one alone stand beside it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromDraws } from '../test-support/advantage-goldens.ts';
import { stepsTo } from '../tree/path.ts';
import type { Tree } from '../tree/tree.ts';
import { grpoAdvantages } from './groups.ts';
import { childMeans, leafMeans } from './leaf-means.ts';
import { progressAdvantages } from './progress.ts';
import { siblingAdvantages, stepAdvantages } from './step-advantages.ts';
import { tempoAdvantages } from './tempo.ts';
import { treeRlAdvantages } from './tree-rl.ts';

const responses = fc.array(
  fc
    .tuple(fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }), fc.constantFrom('0', '1'))
    .map(([steps, last]) => [...steps, last]),
  { minLength: 1, maxLength: 10 },
);
const reward = fc.integer({ min: -64, max: 64 }).map((x) => x / 16);
const factor = fc.constantFrom(0.5, 2, 8);

const near = (actual: number, expected: number, digits = 9): void => {
  expect(actual).toBeCloseTo(expected, digits);
};
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 9): void => {
  expect(actual.length).toBe(expected.length);
  Array.from(actual).forEach((a, k) => {
    near(a, expected[k]!, digits);
  });
};
const pathOf = (tree: Tree, node: number): string => stepsTo(tree, node).join('|');

type OfTree = (tree: Tree, values: Float64Array) => Float64Array;
const ofNodes: Readonly<Record<string, OfTree>> = {
  stepAdvantages: (tree, values) => stepAdvantages(tree, { values }),
  siblingAdvantages: (tree, values) => siblingAdvantages(tree, { values }),
  treeRlAdvantages: (tree, values) => treeRlAdvantages(tree, { values }),
};

describe.each(Object.entries(ofNodes))('%s', (name, of) => {
  test('law: values moved by a constant change nothing; a factor goes through', () => {
    fc.assert(
      fc.property(responses, reward, factor, (drawn, by, times) => {
        const tree = fromDraws(drawn);
        const values = leafMeans(tree);
        const plain = of(tree, values);
        close(
          of(
            tree,
            values.map((v) => v + by),
          ),
          plain,
        );
        close(
          of(
            tree,
            values.map((v) => v * times),
          ),
          plain.map((a) => a * times),
        );
      }),
    );
  });

  const byPath = (drawn: readonly (readonly string[])[]): Map<string, number> => {
    const tree = fromDraws(drawn);
    return new Map(Array.from(of(tree, leafMeans(tree)), (a, node) => [pathOf(tree, node), a]));
  };

  test('law: the order in which responses were drawn is nobody’s', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const own = byPath(drawn);
        for (const [path, a] of byPath(drawn.toReversed())) near(a, own.get(path)!);
      }),
    );
  });

  test('law: every response drawn twice changes nothing, but that TreeRL’s steps are shared by twice as many', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const own = byPath(drawn);
        const shared = name === 'treeRlAdvantages' ? Math.SQRT1_2 : 1;
        for (const [path, a] of byPath(drawn.flatMap((one) => [one, one]))) near(a, own.get(path)! * shared);
      }),
    );
  });

  test('law: where all responses are worth the same no step is better than another', () => {
    fc.assert(
      fc.property(responses, fc.constantFrom('0', '1'), (drawn, end) => {
        const tree = fromDraws(drawn.map((steps) => [...steps.slice(0, -1), end]));
        for (const values of [leafMeans(tree), childMeans(tree)])
          expect(of(tree, values).every((a) => Math.abs(a) < 1e-12)).toBe(true);
      }),
    );
  });

  test('law: right and wrong exchanged turn every sign', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const tree = fromDraws(drawn);
        const values = leafMeans(tree);
        close(
          of(
            tree,
            values.map((v) => -v),
          ),
          of(tree, values).map((a) => -a),
        );
      }),
    );
  });
});

test('law: siblings’ deviation takes the unit out: with scale std a factor changes nothing', () => {
  fc.assert(
    fc.property(responses, factor, (drawn, by) => {
      const tree = fromDraws(drawn);
      const values = childMeans(tree);
      const scaled = (all: Float64Array) => siblingAdvantages(tree, { values: all, scale: 'std', epsilon: 1e-12 });
      close(scaled(values.map((v) => v * by)), scaled(values), 6);
    }),
  );
});

describe('tempoAdvantages', () => {
  const byPath = (drawn: readonly (readonly string[])[]) => {
    const tree = fromDraws(drawn);
    return new Map(
      tempoAdvantages(tree, { epsilon: 0 }).map(({ terminal, advantages }) => [pathOf(tree, terminal), advantages]),
    );
  };
  const exchanged = (end: string): string => (end === '1' ? '0' : '1');

  test('law: a response’s steps add up to GRPO’s number, once a step and once more for what they changed together', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const grpo = grpoAdvantages(
          drawn.map((steps) => (steps.at(-1) === '1' ? 1 : -1)),
          { epsilon: 0 },
        );
        const own = byPath(drawn);
        for (const [i, steps] of drawn.entries()) {
          const total = own.get(steps.join('|'))!.reduce((sum, a) => sum + a, 0);
          near(total, (steps.length + 1) * grpo[i]!);
        }
      }),
    );
  });

  test('law: over the responses the first steps add up to 0', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const own = byPath(drawn);
        near(
          drawn.reduce((sum, steps) => sum + own.get(steps.join('|'))![0]!, 0),
          0,
        );
      }),
    );
  });

  test('law: right and wrong exchanged turn every sign', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const other = drawn.map((steps) => [...steps.slice(0, -1), exchanged(steps.at(-1)!)]);
        const [own, turned] = [byPath(drawn), byPath(other)];
        drawn.forEach((steps, i) => {
          close(
            turned.get(other[i]!.join('|'))!,
            own.get(steps.join('|'))!.map((a) => -a),
          );
        });
      }),
    );
  });

  test('law: the order in which responses were drawn is nobody’s, and equal rewards say nothing', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const [own, other] = [byPath(drawn), byPath(drawn.toReversed())];
        for (const [path, advantages] of own) close(other.get(path)!, advantages);
        const all = byPath(drawn.map((steps) => [...steps.slice(0, -1), '1']));
        for (const advantages of all.values()) expect(advantages.every((a) => a === 0)).toBe(true);
      }),
    );
  });
});

describe('progressAdvantages', () => {
  test('law: along a response it adds up to the change of the prover’s chance', () => {
    fc.assert(
      fc.property(responses, fc.integer({ min: 1, max: 6 }), (drawn, attempts) => {
        const tree = fromDraws(drawn);
        const chance = (node: number): number => 1 - (1 - (leafMeans(tree)[node]! + 1) / 2) ** attempts;
        const advantages = progressAdvantages(tree, { attempts, values: leafMeans(tree) });
        const sums = new Float64Array(tree.size);
        for (let node = 1; node < tree.size; node++) {
          sums[node] = sums[tree.parents[node]!]! + advantages[node]!;
          near(sums[node]!, chance(node) - chance(0));
        }
      }),
    );
  });

  test('law: the unit of the rewards is nobody’s', () => {
    fc.assert(
      fc.property(responses, factor, reward, (drawn, by, moved) => {
        const tree = fromDraws(drawn);
        const values = leafMeans(tree);
        const other = {
          values: values.map((v) => v * by + moved),
          rewards: { correct: by + moved, wrong: moved - by },
        };
        close(progressAdvantages(tree, other), progressAdvantages(tree, { values }), 8);
      }),
    );
  });

  test('law: with very many attempts only whether anything right is left counts', () => {
    fc.assert(
      fc.property(responses, (drawn) => {
        const tree = fromDraws(drawn);
        const values = leafMeans(tree);
        const possible = values.map((v) => (v > -1 ? 1 : 0));
        close(
          progressAdvantages(tree, { values, attempts: 2000 }),
          possible.map((p, node) => (node === 0 ? 0 : p - possible[tree.parents[node]!]!)),
          6,
        );
      }),
    );
  });
});
