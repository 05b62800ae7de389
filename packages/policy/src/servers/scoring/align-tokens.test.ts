import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignTokens, sumByStep } from './align-tokens.ts';

const pieces = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }), { maxLength: 20 });

describe('alignTokens', () => {
  it('finds the cumulative lengths when tokens spell the text', () => {
    fc.assert(
      fc.property(pieces, (tokens) => {
        const whole = tokens.map((token) => token.replaceAll('\ufffd', '?'));
        let at = 0;
        const expected = whole.map((token) => {
          at += token.length;
          return at - token.length;
        });
        expect(alignTokens(whole.join(''), whole)).toEqual(expected);
      }),
    );
  });

  it('gives marks before the text no room', () => {
    expect(alignTokens('ab', ['<|begin_of_text|>', 'a', 'b'])).toEqual([0, 0, 1]);
    expect(alignTokens('ab', ['', 'a', 'b'])).toEqual([0, 0, 1]);
  });

  it('puts the bytes of a character where it starts, and finds the next token after it', () => {
    expect(alignTokens('a🙂b', ['a', '\ufffd', '\ufffd', '\ufffd', 'b'])).toEqual([0, 1, 1, 1, 3]);
    expect(alignTokens('a🙂', ['a', '\ufffd', '\ufffd'])).toEqual([0, 1, 1]);
  });

  it('finds the room of a first token that is unknown', () => {
    expect(alignTokens('Hello, you', [null, ', ', 'you'])).toEqual([0, 5, 7]);
    expect(alignTokens('aab', [null, 'a', 'b'])).toEqual([0, 1, 2]);
    expect(alignTokens('ab', [null, 'a', 'b'])).toEqual([0, 0, 1]);
    expect(alignTokens('x'.repeat(500), [null, 'y'])).toBeUndefined();
  });

  it('refuses tokens of another text, and a text with more to it', () => {
    expect(alignTokens('2 + 3', ['2', ' -', ' 3'])).toBeUndefined();
    expect(alignTokens('2 + 3', ['2', ' +'])).toBeUndefined();
    expect(alignTokens('2 + 3', [])).toBeUndefined();
  });
});

describe('sumByStep', () => {
  it('gives every token from the first bound on to exactly one step', () => {
    const logps = fc.array(fc.integer({ min: -50, max: 0 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        logps,
        fc.nat(10),
        fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 }),
        (values, prompt, lengths) => {
          const bounds = [prompt];
          for (const length of lengths) bounds.push(bounds.at(-1)! + length);
          const starts = values.map((_, at) => at);
          const inside = values.filter((_, at) => at >= prompt && at < bounds.at(-1)!);
          const total = sumByStep(starts, values, bounds).reduce((sum, value) => sum + value, 0);
          expect(total).toBe(inside.reduce((sum, value) => sum + value, 0));
        },
      ),
    );
  });

  it('leaves a token that starts in the prompt to the prompt', () => {
    expect(sumByStep([0, 2, 6], [null, -1, -2], [3, 6, 8])).toEqual([0, -2]);
  });
});
