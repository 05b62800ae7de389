import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { scaleBySchedule } from './scale-by-schedule.ts';

describe('scaleBySchedule', () => {
  it('scales gradients and the norm that goes with them', () => {
    const link = scaleBySchedule((step) => -step);
    const updated = link.update({
      gradients: { w: tf.scalar(3) },
      gradientScale: 0.5,
      gradientNorm: 3,
      params: {},
      state: {},
      step: 2,
    });
    expect(updated.gradients.w!.dataSync()[0]).toBe(3);
    expect(updated.gradientScale).toBe(-1);
    expect(updated.gradientNorm).toBe(6);
  });

  it('refuses what is no number', () => {
    const link = scaleBySchedule(() => Number.NaN);
    expect(() => link.update({ gradients: {}, params: {}, state: {}, step: 4 })).toThrow(
      'scaleBySchedule: schedule must give finite numbers, got NaN at step 4',
    );
  });
});
