/**
 * mctx's published trees, rebuilt by our core from nothing but mctx's made-up environment and its settings.
 *
 * Our steps have no rewards of their own and no discount, and need none: with R(s) the discounted rewards up to s and
 * D(s) = γ^depth, u = R(s) + D(s) · v(s) is the whole return from the root. Every node on a path gets the same u, so the
 * plain mean is mctx's backup, seen from the root. A rule is asked on the values as they look from the node where it stands:
 * (V − R) / D, which for γ = −1 changes sides at each step.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { treeProblem } from '../files/tree-problem.ts';
import { meanBackup } from '../rules/backup.ts';
import { svpoSearch } from '../rules/presets.ts';
import type { Rules, SelectionRule } from '../rules/rules.ts';
import { gumbelHalving } from '../rules/select-gumbel.ts';
import { normalizedPuct } from '../rules/select-normalized.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { type Key, predict, splitKey } from '../test-support/mctx-environment.ts';
import { createTree, type Tree } from '../tree/tree.ts';

interface Golden {
  readonly actions: number;
  readonly simulations: number;
  readonly discount: number;
  readonly rewards: boolean;
  readonly rule: { readonly name: 'normalizedPuct' | 'gumbelHalving' };
  readonly published: readonly (readonly [index: number, visits: number, value: number])[];
  readonly visits: readonly number[];
  readonly values: readonly number[];
}
const golden: { readonly trees: Record<string, Golden> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'golden', 'mctx.json'), 'utf8'),
);
const ruleOf = ({ rule: { name, ...settings }, simulations }: Golden): SelectionRule =>
  name === 'normalizedPuct'
    ? normalizedPuct(settings)
    : gumbelHalving({ ...settings, simulations, rescale: false, noise: 0 });

/** Where a node stands: its random key, its discounted rewards and its discount. */
interface Place {
  readonly key: Key;
  readonly rewards: number;
  readonly discount: number;
}

/** The tree, its nodes in the order in which they were expanded, and V as seen from each of them. */
const rebuild = (of: Golden): { tree: Tree; expanded: number[]; valueAt: (node: number) => number } => {
  const { actions, discount } = of;
  const places: Place[] = [{ key: [0, 0], rewards: 0, discount: 1 }];
  const expanded: number[] = [];
  const rule = ruleOf(of);
  const seenFrom = (at: number, value: number): number => (value - places[at]!.rewards) / places[at]!.discount;
  const rules: Rules = {
    ...svpoSearch(),
    depth: 1000,
    select: (tree, node) => rule({ ...tree, values: tree.values.map((value) => seenFrom(node, value)) }, node),
    backup: {
      ...meanBackup,
      along: (tree, node) => {
        const { key, rewards, discount: far } = places[node]!;
        meanBackup.along(tree, node, 1, rewards + far * predict(key, actions).value);
      },
    },
    stop: ({ iterations }) => iterations > of.simulations,
  };
  const tree = createTree({ id: 'mctx', prompt: '' });
  for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) {
    expanded.push(leaf);
    const parent = places[tree.parents[leaf]!];
    if (parent !== undefined) {
      const key = splitKey(parent.key, actions)[leaf - tree.firstChildren[tree.parents[leaf]!]!]!;
      const reward = of.rewards ? predict(key, actions).reward : 0;
      places[leaf] = {
        key,
        rewards: parent.rewards + parent.discount * reward,
        discount: parent.discount * discount,
      };
    }
    const { priors } = predict(places[leaf]!.key, actions);
    tell(
      tree,
      rules,
      leaf,
      priors.map((p, action) => ({ text: `${action} `, logps: [Math.log(p)], count: 1, finish: 'step' })),
    );
  }
  return { tree, expanded, valueAt: (node) => seenFrom(node, tree.values[node]!) };
};

describe.each(Object.entries(golden.trees))('%s', (_, of) => {
  const { tree, expanded, valueAt } = rebuild(of);

  test('is rebuilt to the visits and values that mctx publishes', () => {
    for (const [index, visits, value] of of.published) {
      expect(tree.visits[expanded[index]!]).toBe(visits);
      expect(valueAt(expanded[index]!)).toBeCloseTo(value, 5);
    }
  });

  test('and to those of all its nodes, in the order of their expansion, as recomputed in float64', () => {
    expect(treeProblem(tree)).toBeUndefined();
    expect(expanded.map((node) => tree.visits[node])).toEqual(of.visits);
    expanded.forEach((node, index) => {
      expect(Math.abs(valueAt(node) - of.values[index]!)).toBeLessThan(1e-10);
    });
  });
});

test('each of the four trees that mctx publishes has published numbers to meet, the root’s among them', () => {
  const published = Object.values(golden.trees).map((of) => of.published);
  expect(published.map((rows) => rows.length)).toEqual([13, 21, 7, 3]);
  expect(published.map(([root]) => root![0])).toEqual([0, 0, 0, 0]);
});
