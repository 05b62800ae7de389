import { afterAll, expect, test } from 'vitest';
import { tf } from '../tf.ts';
import { runsOnHost } from './placement.ts';

afterAll(() => tf.env().set('SVO_DEVICE_FORMULAS', false));

test('on cpu formulas run here, unless the flag sends them to the device', async () => {
  await tf.setBackend('cpu');
  expect(runsOnHost()).toBe(true);
  tf.env().set('SVO_DEVICE_FORMULAS', true);
  expect(runsOnHost()).toBe(false);
});
