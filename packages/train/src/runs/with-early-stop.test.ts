import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { copyParams, disposeTensors } from '../params.ts';
import { collect } from '../test-support/collect.ts';
import { descent } from '../test-support/descent.ts';
import type { Run, StepResult, TrainState } from '../types.ts';
import { withEarlyStop } from './with-early-stop.ts';

/** Gives each report an `eval_loss`, where the list has one. */
async function* measured(
  run: Run,
  losses: readonly (number | undefined)[],
): AsyncGenerator<StepResult, void, undefined> {
  for await (const { state, report } of run) {
    const loss = losses[report.step - 1];
    yield { state, report: loss === undefined ? report : { ...report, eval_loss: loss } };
  }
}
const ones = Array(8).fill(1);
const ends = async (losses: readonly (number | undefined)[], options: Parameters<typeof withEarlyStop>[1]) => {
  const results = await collect(withEarlyStop(measured(descent(ones), losses), options));
  const { state, report } = results.at(-1)!;
  expect(results.map(({ report: { step } }) => step)).toEqual(
    [...Array(results.length - 1).keys(), report.step - 1].map((i) => i + 1),
  );
  return {
    steps: results.length - 1,
    best: report['early_stop/best_step'],
    w: state.params.w!.dataSync()[0],
    stopped: report['early_stop/stopped_at'],
  };
};

describe('withEarlyStop', () => {
  it('stops after `patience` measurements without improvement, with the best weights back', async () => {
    // After k steps w = 2⁻ᵏ; steps without a measurement cost no patience.
    expect(await ends([5, undefined, 3, 4, undefined, 4, 1], { patience: 2 })).toEqual({
      steps: 6,
      best: 3,
      w: 1 / 8,
      stopped: 6,
    });
  });

  it('gives the best weights also when the run ends by itself', async () => {
    expect(await ends([5, 1, 2, 2, 2, 2, 2, 2], { patience: 9 })).toEqual({ steps: 8, best: 2, w: 1 / 4, stopped: 8 });
  });

  it('can want more of something, and can want improvements to be worth it', async () => {
    expect((await ends([1, 2, 1, 1], { patience: 2, better: 'higher' })).best).toBe(2);
    expect((await ends([1, 0.99, 0.98, 0.97], { patience: 2, minDelta: 0.1 })).best).toBe(1);
  });

  it('adds nothing when nothing was measured', async () => {
    expect(await collect(withEarlyStop(descent(ones), { patience: 1 }))).toHaveLength(8);
  });

  it('takes a measurement that is no number for no improvement, also the first', async () => {
    expect(await ends([Number.NaN, 3, Number.NaN, Number.NaN, 1], { patience: 2 })).toMatchObject({
      steps: 4,
      best: 2,
    });
    expect(await ends([Number.NaN, Number.POSITIVE_INFINITY, 3], { patience: 9 })).toMatchObject({ best: 3 });
  });

  it('frees its copy, whether the run ends or the caller leaves', async () => {
    const before = tf.memory().numTensors;
    for await (const { state } of withEarlyStop(measured(descent(ones), [3, 2, 1]), { patience: 1 }))
      if (state.step === 3) {
        disposeTensors(state);
        break;
      }
    expect(tf.memory().numTensors).toBe(before);
    const results = await collect(withEarlyStop(measured(descent(ones), [1, 2, 3]), { patience: 1 }));
    disposeTensors(results.at(-1)!.state);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['whose waiting was over', [5, 1, 2, 2, 2], 3, 5],
    ['with no step left', [5, 1, 2, 2, 2, 2, 2, 2], 9, 8],
  ])('a resumed run %s ends at once with its best, without a further step', async (_, losses, patience, cut) => {
    let resumed: TrainState | undefined;
    for await (const { state } of withEarlyStop(measured(descent(ones), losses), { patience })) {
      if (state.step !== cut) continue;
      const best = state.earlyStop!;
      resumed = { ...state, params: copyParams(state.params), earlyStop: { ...best, params: copyParams(best.params) } };
      break;
    }
    const further = descent(patience === 3 ? ones : []);
    const [end, ...rest] = await collect(withEarlyStop(further, { patience, resumed: resumed! }));
    expect(rest).toEqual([]);
    expect(end!.state.params.w!.dataSync()[0]).toBe(1 / 4);
    expect(end!.report).toEqual({
      ...{ step: cut, loss: Number.NaN },
      ...{ 'early_stop/stopped_at': cut, 'early_stop/best_step': 2, 'early_stop/best_value': 1 },
    });
  });

  it('refuses options out of range', async () => {
    await expect(collect(withEarlyStop(descent([1]), { patience: 0 }))).rejects.toThrow(
      'withEarlyStop: patience must be a whole number ≥ 1, got 0',
    );
    await expect(collect(withEarlyStop(descent([1]), { patience: 1, minDelta: -1 }))).rejects.toThrow(
      'minDelta must be ≥ 0, got -1',
    );
    await expect(collect(withEarlyStop(descent([1]), { patience: 1, better: 'more' as 'higher' }))).rejects.toThrow(
      `better must be 'lower' | 'higher', got "more"`,
    );
    await expect(collect(withEarlyStop(descent([1]), { patiance: 1 } as never))).rejects.toThrow(
      "withEarlyStop: unknown option 'patiance' (did you mean 'patience'?)",
    );
  });
});
