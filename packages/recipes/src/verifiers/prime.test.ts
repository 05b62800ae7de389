import { installKernels } from '@svo/kernels';
import { aboveOtherSteps } from '@svo/mcts';
import { useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { material, trajectories } from '../test-support/material.ts';
import { primeDvoPlan, withImplicitCredits } from './prime.ts';

beforeAll(async () => {
  await useBackend('wasm');
  await installKernels({ engine: 'wasm' });
});

describe('PRIME’s rewards', () => {
  test('are credits that say which responses were right; DVO’s are above those of the question’s other responses', async () => {
    const given = material({ batchSize: 9, updates: 30 });
    const valued = await withImplicitCredits(given);
    const totals = valued.trajectories.map(({ credits }) => credits.reduce((sum, c) => sum + c, 0));
    valued.trajectories.forEach(({ questionId, reward, steps, credits }, i) => {
      expect(credits).toHaveLength(steps.length);
      if (reward < 0) return;
      valued.trajectories.forEach((other, j) => {
        if (other.questionId === questionId && other.reward < 0) expect(totals[i]!).toBeGreaterThan(totals[j]!);
      });
    });
    const [batch] = [...(await primeDvoPlan(given)).batches()];
    const width = batch!.credits.shape[1]!;
    batch!.rows.forEach((row, i) => {
      const group = valued.trajectories.filter(({ questionId }) => questionId === trajectories[row]!.questionId);
      const above = aboveOtherSteps(group.map(({ credits }) => credits));
      const own = above[group.indexOf(valued.trajectories[row]!)]!;
      own.forEach((credit, t) => {
        expect(batch!.credits.data[i * width + t]).toBeCloseTo(credit, 5);
      });
    });
  });

  test('are the same for the same seed, and others for another', async () => {
    const given = material({ batchSize: 2, updates: 4 });
    const credits = async (seed: number) =>
      (await withImplicitCredits({ ...given, seed })).trajectories.map((one) => one.credits);
    expect(await credits(1)).toEqual(await credits(1));
    expect(await credits(2)).not.toEqual(await credits(1));
  });
});
