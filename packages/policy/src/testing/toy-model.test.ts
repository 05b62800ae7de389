import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toyModel } from './toy-model.ts';

const model = toyModel({ seed: 6 });
const prompt = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const draw = { maxTokens: 30, stop: ['\n\n'] };

it('reports for what it draws the log-probs that it gives the same text', () => {
  fc.assert(
    fc.property(prompt, fc.nat(1e6), (text, seed) => {
      const sampled = model.sample(text, { seed, ...draw });
      const scored = model.score(text + sampled.tokens.join(''));
      const first = scored.tokens.length - sampled.tokens.filter((token) => token !== '').length;
      const drawn = sampled.logps.filter((_, at) => sampled.tokens[at] !== '');
      // A prompt's end and a word may together spell another word: then the text is cut in other places.
      if (
        scored.tokens.slice(first).join('|') === sampled.tokens.filter((token) => token !== '').join('|') &&
        first > 0
      ) {
        drawn.forEach((logp, at) => void expect(scored.logps[first + at]).toBe(logp));
      }
    }),
  );
});

it('spells a text with its tokens', () => {
  fc.assert(fc.property(prompt, (text) => void expect(model.score(text).tokens.join('')).toBe(text)));
});

it('stops at the stop string, at the end of sequence and at the limit, and says which', () => {
  const ends = Array.from({ length: 200 }, (_, seed) => model.sample('Add', { seed, ...draw, maxTokens: 12 }));
  for (const { text, tokens, finishReason, stopReason } of ends) {
    expect(text).not.toContain('\n\n');
    if (stopReason !== null) expect(tokens.join('')).toBe(text + stopReason);
    if (finishReason === 'length') expect(tokens).toHaveLength(12);
    if (finishReason === 'stop' && stopReason === null) expect(tokens.at(-1)).toBe('');
  }
  expect(new Set(ends.map(({ finishReason, stopReason }) => `${finishReason} ${stopReason}`)).size).toBe(3);
});

it('is a function of its seed', () => {
  expect(toyModel({ seed: 6 }).sample('Add', { seed: 1, ...draw })).toEqual(model.sample('Add', { seed: 1, ...draw }));
  expect(toyModel({ seed: 7 }).score('Add two.').logps).not.toEqual(model.score('Add two.').logps);
  expect(model.value('a')).toBe(toyModel({ seed: 6 }).value('a'));
  expect(Math.abs(model.value('b'))).toBeLessThan(1);
});
