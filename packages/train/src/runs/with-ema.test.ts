import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { sgd } from '../optimizers/sgd.ts';
import { disposeTensors } from '../params.ts';
import { initialTrainState } from '../step/initial-train-state.ts';
import { descentStep } from '../test-support/descent.ts';
import { withEma } from './with-ema.ts';

const start = () => initialTrainState({ w: tf.scalar(1) }, sgd({ learningRate: 0.25 }));

describe('withEma', () => {
  it('averages the weights exponentially, from those before the first step', async () => {
    const step = withEma(descentStep(0.25), { decay: 0.75 });
    let { state } = await step(start(), { sign: 1 });
    let expected = 0.75 * 1 + 0.25 * 0.5;
    expect(state.ema!.w!.dataSync()[0]).toBeCloseTo(expected, 7);
    ({ state } = await step(state, { sign: 1 }));
    expected = 0.75 * expected + 0.25 * 0.25;
    expect(state.ema!.w!.dataSync()[0]).toBeCloseTo(expected, 7);
  });

  it('neither leaks nor touches the state when a step fails', async () => {
    const step = withEma(descentStep(0.25), { decay: 0.75 });
    const fresh = start();
    const before = tf.memory().numTensors;
    await expect(step(fresh, { sign: Number.NaN })).rejects.toThrow('diverged');
    expect(tf.memory().numTensors).toBe(before);
    const { state } = await step(fresh, { sign: 1 });
    await expect(step(state, { sign: Number.NaN })).rejects.toThrow('diverged');
    expect(state.ema!.w!.dataSync()[0]).toBeCloseTo(0.875, 7);
    disposeTensors(state);
    expect(tf.memory().numTensors).toBe(before - 1);
  });

  it('refuses a decay outside [0, 1)', () => {
    expect(() => withEma(descentStep(1), { decay: 1 })).toThrow('withEma: decay must be in [0, 1), got 1');
  });
});
