/**
 * mctx's published MuZero tree (50 simulations, 18 actions, rewards at every step, discount 0.997), rebuilt by our core.
 *
 * Our steps have no rewards of their own, and none are needed: with R(s) the discounted rewards up to s and D(s) = γ^depth,
 * u = R(s) + D(s) · v(s) is the whole return from the root. Every node on a path gets the same u, so the plain mean is MuZero's
 * backup, seen from the root; and normalising by parent and siblings does not see the map V ↦ R + D · V.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { meanBackup } from './backup.ts';
import { stateOf } from './path.ts';
import { svpoSearch } from './presets.ts';
import type { Rules } from './rules.ts';
import { normalizedPuct } from './select-normalized.ts';
import { tell } from './tell.ts';
import { growTree, testRules } from './test-support/grow-tree.ts';
import { createTree } from './tree.ts';
import { treeProblem } from './tree-problem.ts';

interface GoldenNode {
  readonly parent: number | null;
  readonly action: number | null;
  readonly reward: number;
  readonly value: number;
  readonly priors: readonly number[];
  readonly visits: number;
  readonly meanValue: number;
}
const golden: {
  readonly discount: number;
  readonly c: number;
  readonly base: number;
  readonly published: readonly (readonly [number, number, number])[];
  readonly nodes: readonly GoldenNode[];
} = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'golden', 'mctx-muzero.json'), 'utf8'));

/** A golden node's place: the actions to it, its discounted rewards and its discount. */
const placeOf = (
  index: number,
): { readonly actions: number[]; readonly rewards: number; readonly discount: number } => {
  const { parent, action, reward } = golden.nodes[index]!;
  if (parent === null) return { actions: [], rewards: 0, discount: 1 };
  const above = placeOf(parent);
  return {
    actions: [...above.actions, action!],
    rewards: above.rewards + above.discount * reward,
    discount: above.discount * golden.discount,
  };
};
const places = golden.nodes.map((_, index) => placeOf(index));
const indexOf = new Map(places.map(({ actions }, index) => [actions.map((action) => `${action} `).join(''), index]));

describe('normalizedPuct and meanBackup', () => {
  const goldenAt = (node: number): number => indexOf.get(stateOf(tree, node).steps.join(''))!;
  const rules: Rules = {
    ...svpoSearch(),
    depth: 1000,
    select: normalizedPuct({ c: golden.c, base: golden.base }),
    backup: {
      ...meanBackup,
      along: (of, node) => {
        const { rewards, discount } = places[goldenAt(node)]!;
        meanBackup.along(of, node, 1, rewards + discount * golden.nodes[goldenAt(node)]!.value);
      },
    },
    stop: ({ iterations }) => iterations >= golden.nodes.length,
  };
  const tree = createTree({ id: 'mctx', prompt: '' });
  const order: (number | undefined)[] = [];
  for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) {
    const index = goldenAt(leaf);
    order.push(index);
    if (index === undefined) break;
    const { priors } = golden.nodes[index]!;
    const candidates = priors.map((p, action) => ({
      text: `${action} `,
      logps: [Math.log(p)],
      count: 1,
      finish: 'step' as const,
    }));
    tell(tree, rules, leaf, candidates);
  }
  const nodeOf = new Map(
    Array.from({ length: tree.size }, (_, node) => [goldenAt(node), node] as const).filter(
      ([index]) => index !== undefined,
    ),
  );

  test('expand mctx’s nodes in mctx’s order', () => {
    expect(order).toEqual(golden.nodes.map((_, index) => index));
  });

  test('come to mctx’s visits and values, as published', () => {
    expect(golden.published).toHaveLength(13);
    for (const [index, visits, value] of golden.published) {
      const node = nodeOf.get(index)!;
      const { rewards, discount } = places[index]!;
      expect(tree.visits[node]).toBe(visits);
      expect((tree.values[node]! - rewards) / discount).toBeCloseTo(value, 5);
    }
  });

  test('and to those of all 51 nodes, as recomputed in float64', () => {
    golden.nodes.forEach(({ visits, meanValue }, index) => {
      const node = nodeOf.get(index)!;
      const { rewards, discount } = places[index]!;
      expect(tree.visits[node]).toBe(visits);
      expect((tree.values[node]! - rewards) / discount).toBeCloseTo(meanValue, 9);
    });
  });

  test('select only what may be selected, on values of any scale', () => {
    const own = { ...testRules, select: normalizedPuct() };
    expect(treeProblem(growTree({ seed: 5, iterations: 200, inFlight: 5, rules: own }))).toBeUndefined();
    expect(() => normalizedPuct({ base: 0 })).toThrow('normalizedPuct: base must be a positive finite number, got 0');
  });
});
