import { type Scalar, tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import {
  dqoPolicyLoss,
  dvoLoss,
  ktoLoss,
  oreoPolicyLoss,
  paperPresets,
  paperRates,
  simpoLoss,
  svpoLoss,
} from './index.ts';
import { toTensors } from './test-support/cases/arrays.ts';
import { goldenTokens } from './test-support/cases/golden-tokens.ts';
import { onBackend } from './test-support/running/backend.ts';

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

  test('Step-DPO and OREO as their papers have them', () => {
    // 2406.18629, section 4.1: “β is set to 0.5 for the 72B model and 0.4 for others”, 5e-7; 2412.16145, A.3.
    expect([paperPresets.stepDpo7b.beta, paperPresets.stepDpo72b.beta]).toEqual([0.4, 0.5]);
    expect([paperRates.stepDpo7b.learningRate, paperRates.stepDpo72b.learningRate]).toEqual([5e-7, 5e-7]);
    const { oreoToken, oreoStep, oreoResponse } = paperPresets;
    expect([oreoToken, oreoStep, oreoResponse].map(({ beta, klWeight }) => [beta, klWeight])).toEqual([
      [0.03, 0.01],
      [0.03, 0.1],
      [0.03, 0.3],
    ]);
    expect(paperRates.oreoToken.learningRate).toBe(5e-6);
  });

  test('SVPO’s total is 1 · preference + 5 · SFT + 0.25 · value', () => {
    expect(paperPresets.svpo.weights).toEqual({ preference: 1, sft: 5, value: 0.25 });
  });
});
