import { describe, expect, it } from 'vitest';
import { type TokenSpan, tokenSpan, type WantedSpan } from './token-span.ts';

const span = (tokens: readonly string[], wanted: Partial<WantedSpan> & { text: string }): TokenSpan | undefined =>
  tokenSpan(
    tokens.map((text) => ({ text })),
    { from: 0, body: wanted.text, whole: wanted.text, stops: ['\n\n'], ends: ['<|im_end|>', '</s>'], ...wanted },
  );

describe('tokenSpan', () => {
  it('is all tokens where they spell the text', () => {
    expect(span(['x', ' = 5'], { text: 'x = 5' })).toEqual({ start: 0, end: 2, exact: true });
  });

  it('leaves out what comes before the text, and the tokens that end the turn', () => {
    expect(span(['<think>', 'x', '</think>', 'x', ' = 5', '<|im_end|>', ''], { text: 'x = 5' })).toEqual({
      start: 3,
      end: 5,
      exact: true,
    });
  });

  it('takes the stripped delimiter in where tokens spell it, and is exact only then', () => {
    const wanted = { text: 'x = 5', whole: 'x = 5\n\n' };
    expect(span(['x', ' = 5', '\n\n'], wanted)).toEqual({ start: 0, end: 3, exact: true });
    expect(span(['x', ' = 5'], wanted)).toEqual({ start: 0, end: 2, exact: false });
    expect(span(['x', ' = 5', '\n\n\n'], wanted)).toEqual({ start: 0, end: 3, exact: false });
    // An answer keeps no delimiter: the token of the stop string is none of its own.
    expect(span(['x', ' = 5', '\n\n'], { text: 'x = 5' })).toEqual({ start: 0, end: 2, exact: true });
  });

  it('takes the wanted part out of a longer text', () => {
    const text = '\n\nx = 5.\n\ny';
    const wanted = { text, from: 2, body: 'x = 5.\n\n', whole: 'x = 5.\n\n' };
    expect(span(['\n\n', 'x', ' = 5', '.\n\n', 'y'], wanted)).toEqual({ start: 1, end: 4, exact: true });
    expect(span(['\n\nx', ' = 5', '.\n\n', 'y'], wanted)).toEqual({ start: 1, end: 3, exact: false });
  });

  it('takes a blank that a server took off the first token for what it is', () => {
    expect(span([' x', ' = 5'], { text: 'x = 5' })).toEqual({ start: 0, end: 2, exact: false });
  });

  it('reads bytes, half characters of unknown bytes and pieces that spell nothing', () => {
    const text = 'a🙂b';
    const bytes = [...new TextEncoder().encode('🙂')];
    const given = [
      { text: 'a' },
      { text: '\ufffd', bytes: bytes.slice(0, 2) },
      { text: '\ufffd', bytes: bytes.slice(2) },
      { text: 'b', bytes: [98] },
    ];
    const wanted = { text, from: 0, body: text, whole: text, stops: [], ends: [] };
    expect(tokenSpan(given, wanted)).toEqual({ start: 0, end: 4, exact: true });
    expect(span(['a', 'bytes:\\xf0\\x9f', 'bytes:\\x99\\x82', 'b'], { text })).toEqual({
      start: 0,
      end: 4,
      exact: true,
    });
    expect(span(['</think>', 'a', '\ufffd', '\ufffd', 'b'], { text })).toEqual({ start: 1, end: 5, exact: true });
    expect(span(['</think>', '', '', '🙂', 'b'], { text: '🙂b' })).toEqual({ start: 1, end: 5, exact: true });
    // What spells nothing after a character may be the rest of it.
    expect(span(['a', '🙂', ''], { text: 'a🙂' })).toMatchObject({ exact: false });
  });

  it('is nothing where the tokens are of another text, of less of it, or of the thought alone', () => {
    expect(span(['x', ' = 6'], { text: 'x = 5' })).toBeUndefined();
    expect(span([' = 5'], { text: 'x = 5' })).toBeUndefined();
    expect(span([], { text: 'x = 5' })).toBeUndefined();
    expect(span(['x', ' = 5', ' indeed'], { text: 'x = 5' })).toBeUndefined();
    expect(span(['so', ' 5'], { text: '5', reasoning: 'well, so 5' })).toBeUndefined();
    expect(span(['so', ' 5', '5'], { text: '5', reasoning: 'so 5' })).toEqual({ start: 2, end: 3, exact: true });
  });

  it('takes time in proportion to long texts', () => {
    const tokens = Array.from({ length: 200_000 }, () => 'a');
    expect(span(tokens, { text: 'a'.repeat(200_000) })).toMatchObject({ start: 0, end: 200_000 });
    expect(span(['\ufffd', ...tokens], { text: `b${'a'.repeat(200_000)}` })).toMatchObject({ start: 0 });
  });
});
