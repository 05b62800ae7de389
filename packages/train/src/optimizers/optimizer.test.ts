import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { adamw } from './adamw.ts';
import { clipByGlobalNorm } from './clip-by-global-norm.ts';
import { chain } from './optimizer.ts';
import { scaleBySchedule } from './scale-by-schedule.ts';
import { sgd } from './sgd.ts';

describe('chain', () => {
  it('applies its links in order', () => {
    const value = (optimizer: ReturnType<typeof chain>) =>
      optimizer
        .update({ gradients: { w: tf.scalar(10) }, gradientNorm: 10, params: { w: tf.scalar(0) }, state: {}, step: 0 })
        .params.w!.dataSync()[0];
    const [clip, triple, apply] = [clipByGlobalNorm(1), scaleBySchedule(() => 3), sgd({ learningRate: 1 })];
    expect(value(chain(clip, triple, apply))).toBeCloseTo(-3, 5);
    expect(value(chain(triple, clip, apply))).toBeCloseTo(-1, 5);
  });

  it("keeps each link's state under its name, also inside another chain", () => {
    const params = { w: tf.scalar(1) };
    const optimizer = chain(clipByGlobalNorm(1), { ...chain(adamw({ learningRate: 1 })), name: 'inner' });
    const state = optimizer.init(params);
    expect(Object.keys(state)).toEqual(['clipByGlobalNorm', 'inner']);
    const updated = optimizer.update({ gradients: { w: tf.scalar(1) }, params, state, step: 0 });
    expect(updated.state).toMatchObject({ clipByGlobalNorm: {}, inner: { adamw: { counts: { w: 1 } } } });
    expect(updated.metrics).toEqual({ learning_rate: 1 });
  });

  it('starts a link that the state does not know: a clip added on resume, say', () => {
    const [params, gradients] = [{ w: tf.scalar(1) }, { w: tf.scalar(1) }];
    const before = chain(sgd({ learningRate: 1 })).update({ gradients, params, state: {}, step: 0 });
    const after = chain(clipByGlobalNorm(1), sgd({ learningRate: 1 })).update({
      gradients,
      params: before.params,
      state: before.state,
      step: 1,
    });
    expect(Object.keys(after.state)).toEqual(['clipByGlobalNorm', 'sgd']);
  });

  it('refuses two links of one name', () => {
    expect(() =>
      chain(
        scaleBySchedule(() => 1),
        scaleBySchedule(() => 2),
      ),
    ).toThrow('chain: links must have different names, got scaleBySchedule twice');
  });
});
