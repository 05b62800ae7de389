import { expect, test } from 'vitest';
import { createHistory, historyOf } from './webgpu-history.ts';

test('what was written since the last sound moment is lost, before and after it nothing', () => {
  const history = createHistory();
  const [before, updated, between, after] = [{}, {}, {}, {}];
  history.wrote(before);
  history.wrote(updated);
  history.sound(history.now());
  history.wrote(between);
  history.wrote(updated);
  history.lose();
  history.wrote(after);
  expect([before, updated, between, after].map(history.isLost)).toEqual([false, true, true, false]);
  expect([history.isLost({}), history.wasWritten({}), history.wasWritten(after)]).toEqual([false, false, true]);
});

test('a reading that began before a write says nothing of it, and an older one nothing new', () => {
  const history = createHistory();
  const [first, second, third] = [{}, {}, {}];
  history.wrote(first);
  const begun = history.now();
  history.wrote(second);
  history.sound(begun);
  history.sound(begun - 1);
  history.lose();
  expect([first, second].map(history.isLost)).toEqual([false, true]);
  // What was lost once stays lost, and a second time begins where the first ended.
  history.wrote(third);
  history.sound(history.now());
  history.lose();
  expect([first, second, third].map(history.isLost)).toEqual([false, true, false]);
});

test('a backend has one history', () => {
  const backend = {};
  expect(historyOf(backend)).toBe(historyOf(backend));
});
