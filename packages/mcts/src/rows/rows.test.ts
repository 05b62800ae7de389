import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { growTree } from '../test-support/grow-tree.ts';
import { terminalOutcome } from '../tree/node-status.ts';
import { ktoRows, outcomeValueRows, prmRows, rftRows } from './rows.ts';
import { sampleTrajectories } from './sample-trajectories.ts';

const trees = fc
  .record({ seed: fc.integer({ min: 0, max: 1e6 }), iterations: fc.integer({ min: 1, max: 120 }) })
  .map(({ seed, iterations }) => growTree({ seed, iterations, inFlight: 0 }));

describe('sampleTrajectories', () => {
  test.prop([trees, fc.nat(6), fc.nat(6), fc.nat()])(
    'gives up to the asked of each sign, none twice',
    (tree, positive, negative, seed) => {
      const rows = sampleTrajectories(tree, { positive, negative, seed });
      const signs = rows.map(({ reward }) => Math.sign(reward));
      const all = outcomeValueRows(tree).map(({ reward }) => Math.sign(reward));
      const number = (list: number[], sign: number) => list.filter((one) => one === sign).length;
      expect(number(signs, 1)).toBe(Math.min(positive, number(all, 1)));
      expect(number(signs, -1)).toBe(Math.min(negative, number(all, -1)));
      expect(signs).toEqual(signs.toSorted((a, b) => b - a));
    },
  );

  test.prop([trees])('credits telescope to the reward less V(s_0), and V(s_T) is 0', (tree) => {
    for (const { steps, values, credits, reward, visits } of sampleTrajectories(tree)) {
      expect(values).toHaveLength(steps.length + 1);
      expect(visits).toHaveLength(steps.length);
      expect(values.at(-1)).toBe(0);
      expect(values[0]).toBe(tree.values[0]);
      expect(credits.reduce((sum, credit) => sum + credit, 0)).toBeCloseTo(reward - values[0]!, 10);
      // The last credit holds the outcome once: not the terminal's value beside its reward.
      expect(credits.at(-1)).toBeCloseTo(reward - values.at(-2)!, 12);
    }
  });

  test('prefers paths that were visited most', () => {
    const tree = growTree({ seed: 12, iterations: 300, inFlight: 0 });
    const mean = (visits: readonly number[]) => visits.reduce((a, b) => a + b, 0) / visits.length;
    const rows = sampleTrajectories(tree, { positive: 1000, negative: 0 }).map(({ visits }) => mean(visits!));
    expect(rows.length).toBeGreaterThan(8);
    expect(rows).toEqual(rows.toSorted((a, b) => b - a));
    expect(() => sampleTrajectories(tree, { positive: -1 })).toThrow('positive must be a non-negative integer, got -1');
  });
});

describe('rows', () => {
  test.prop([trees])(
    'are all counted terminals: RFT the right ones, KTO and outcome values all, with their signs',
    (tree) => {
      const counted: number[] = [];
      for (let node = 0; node < tree.size; node++) {
        if (terminalOutcome(tree, node) !== undefined && tree.visits[node]! > 0) counted.push(node);
      }
      const right = counted.filter((node) => terminalOutcome(tree, node) === 'correct').length;
      expect(right).toBe(tree.solutions);
      expect(rftRows(tree).map(({ reward }) => reward)).toEqual(new Array(right).fill(1));
      expect(outcomeValueRows(tree)).toHaveLength(counted.length);
      expect(ktoRows(tree).filter(({ label }) => label)).toHaveLength(right);
      expect(ktoRows(tree).map(({ completion }) => completion)).toEqual(
        outcomeValueRows(tree).map(({ steps }) => steps.join('')),
      );
    },
  );

  test.prop([trees])(
    'PRM: once no right answer is below, none is further down; the last label is the outcome',
    (tree) => {
      const outcomes = outcomeValueRows(tree);
      prmRows(tree).forEach(({ completions, labels, values }, row) => {
        expect([labels.length, values.length]).toEqual([completions.length, completions.length]);
        expect(labels).toEqual(labels.toSorted((a, b) => Number(b) - Number(a)));
        expect(labels.at(-1)).toBe(outcomes[row]!.reward > 0);
        expect(values.at(-1)).toBe(outcomes[row]!.reward);
      });
    },
  );
});
