import { type Scalar, tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import { dqoPolicyLoss, dvoLoss, ktoLoss, oreoPolicyLoss, paperPresets, simpoLoss, svpoLoss } from './index.ts';
import { toTensors } from './test-support/arrays.ts';
import { onBackend } from './test-support/backend.ts';
import { goldenTokens } from './test-support/golden-tokens.ts';

const pair = toTensors({
  policyChosenLogps: [-3],
  policyRejectedLogps: [-5],
  referenceChosenLogps: [-4],
  referenceRejectedLogps: [-4],
  chosenValues: [0.3],
  rejectedValues: [0.1],
  chosenLengths: [3],
  rejectedLengths: [4],
});
const tokens = toTensors(goldenTokens);
const value = async (loss: Scalar): Promise<number> => (await loss.data())[0]!;

onBackend('paperPresets', () => {
  test('the defaults of the losses are the papers’ settings', async () => {
    const { weights: _, ...svpo } = paperPresets.svpo;
    expect(await value(svpoLoss(pair as never, svpo))).toBe(await value(svpoLoss(pair as never)));
    expect(await value(simpoLoss(pair as never, paperPresets.simpo))).toBe(await value(simpoLoss(pair as never)));
    expect(await value(dqoPolicyLoss(tokens as never, paperPresets.dqo))).toBe(
      await value(dqoPolicyLoss(tokens as never)),
    );
    const steps = { ...tokens, credits: tokens.values };
    expect(await value(dvoLoss(steps as never, paperPresets.dvo))).toBe(await value(dvoLoss(steps as never)));
  });

  test('OREO’s presets differ in level and KL weight, and both are used', async () => {
    const inputs = {
      ...tokens,
      stepIds: tf.tensor2d(
        [
          [-1, 0, 0, 1, 1, -1],
          [0, 0, 1, -1, -1, -1],
        ],
        [2, 6],
        'int32',
      ),
    };
    const losses = await Promise.all(
      [paperPresets.oreoToken, paperPresets.oreoStep, paperPresets.oreoResponse].map(
        async (preset) => await value(oreoPolicyLoss(inputs as never, preset)),
      ),
    );
    expect(new Set(losses.map((loss) => loss.toFixed(6))).size).toBe(3);
    expect(await value(oreoPolicyLoss(inputs as never, { ...paperPresets.oreoToken, klWeight: 0 }))).toBeLessThan(
      losses[0]!,
    );
  });

  test('DVO’s KTO baseline weighs the desirable class by 1.33', async () => {
    const inputs = toTensors({
      policyLogps: [-1],
      referenceLogps: [-1],
      labels: [1],
      policyKlLogps: [0, 0],
      referenceKlLogps: [0, 0],
    });
    expect(await value(ktoLoss(inputs as never, paperPresets.ktoInDvo))).toBeCloseTo(0.665, 6);
  });

  test('SVPO’s total is 1 · preference + 5 · SFT + 0.25 · value', () => {
    expect(paperPresets.svpo.weights).toEqual({ preference: 1, sft: 5, value: 0.25 });
  });
});
