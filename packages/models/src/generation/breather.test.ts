import { expect, test } from 'vitest';
import { breather } from './breather.ts';

test('a timer fires during a loop that would otherwise never end', async () => {
  const breathe = breather(1);
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 1);
  while (!fired) await breathe();
  expect(fired).toBe(true);
});

test('in between it costs no turn of the event loop', async () => {
  const breathe = breather(1e9);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  for (let round = 0; round < 100; round++) await breathe();
  expect(turned).toBe(false);
});
