import { describe, expect, test } from 'vitest';
import { bytes, merging } from '../test-support/examples.ts';
import { encodePieces } from './pieces.ts';
import type { TokenizerLike } from './tokenizer.ts';

const piece = (text: string, body = text.length) => ({ text, body });

test('spans are those of the bodies, in both ways of encoding', () => {
  for (const boundaries of ['separate', 'joint'] as const) {
    expect(encodePieces('q:', [piece('ab\n\n', 2), piece('c')], bytes, boundaries).spans).toEqual([
      [2, 4],
      [6, 7],
    ]);
  }
});

test('a token with body and delimiter both is scored: it carries the body', () => {
  expect(encodePieces('', [piece('a.\n\n', 2)], merging, 'separate').spans).toEqual([[0, 2]]);
});

test('an empty body has no tokens', () => {
  for (const boundaries of ['separate', 'joint'] as const)
    expect(encodePieces('q', [piece('\n\n', 0)], bytes, boundaries).spans).toEqual([[1, 1]]);
});

test('text a tokenizer cannot keep is an error that shows where', () => {
  expect(() => encodePieces('a\ud800', [piece('b')], bytes, 'joint')).toThrow(
    /at character 1 \(the tokenizer changes the text, and has no encodeWithOffsets\)/,
  );
});

describe('a tokenizer that changes the text, with offsets', () => {
  /** Lower case, as BERT's: what comes back is not what went in. */
  const lowering: TokenizerLike = {
    ...bytes,
    encode: (text) => bytes.encode(text.toLowerCase()),
    encodeWithOffsets: (text) => ({
      ids: bytes.encode(text.toLowerCase()),
      offsets: Array.from(text, (_, at) => [at, at + 1] as const),
    }),
  };
  /** A space in front of every text, as SentencePiece has it: pieces by themselves would have one each. */
  const spaced: TokenizerLike = {
    ...bytes,
    encode: (text) => bytes.encode(` ${text}`),
    decode: (ids) => bytes.decode(ids).replace(/^ /, ''),
    encodeWithOffsets: (text) => ({
      ids: bytes.encode(` ${text}`),
      offsets: [[0, 0] as const, ...Array.from(text, (_, at) => [at, at + 1] as const)],
    }),
  };

  test('is encoded as one text, its parts found by their offsets', () => {
    const upper = encodePieces('Q:', [piece('AB\n\n', 2), piece('C')], lowering, undefined);
    expect(bytes.decode(upper.ids)).toBe('q:ab\n\nc');
    expect(upper.spans).toEqual([
      [2, 4],
      [6, 7],
    ]);
    const one = encodePieces('Q:', [piece('AB\n\n', 2), piece('C')], spaced, undefined);
    expect(bytes.decode(one.ids)).toBe(' Q:AB\n\nC');
    expect(one.spans).toEqual([
      [3, 5],
      [7, 8],
    ]);
  });

  test('beside drawn pieces, a piece without a draw is encoded as the middle of the text it is', () => {
    const drawn = { ...piece('AB\n', 2), draw: { tokenIds: bytes.encode('AB\n'), logps: [-1, -1, -1] } };
    const some = encodePieces('Q:', [drawn, piece('C')], spaced, undefined);
    expect(bytes.decode(some.ids)).toBe(' Q:AB\nC');
    expect(some.logps).toEqual([null, null, null, -1, -1, -1, null]);
    expect(some.spans).toEqual([
      [3, 5],
      [6, 7],
    ]);
  });

  test('is refused where the pieces must be apart', () => {
    expect(() => encodePieces('Q:', [piece('A')], spaced, 'separate')).toThrow("boundaries: 'joint'");
  });
});

describe('what was drawn', () => {
  const draw = (tokenIds: number[]) => ({ tokenIds, logps: tokenIds.map((id) => -id / 8) });

  test('keeps its tokens, which need not be those of the text', () => {
    // The model wrote a delimiter in two tokens where the vocabulary has one.
    const drawn = encodePieces(
      'q',
      [{ ...piece('a\n\n', 1), draw: draw([97, 10, 10]) }, piece('b')],
      merging,
      'separate',
    );
    expect(drawn.ids).toEqual([113, 97, 10, 10, 98]);
    expect(drawn.logps).toEqual([null, -97 / 8, -10 / 8, -10 / 8, null]);
    expect(drawn.spans).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(merging.encode('a\n\n')).toHaveLength(2);
  });

  test('an end behind the text is told apart from it', () => {
    const drawn = encodePieces('q', [{ ...piece('a'), draw: draw([97, 257]) }], bytes, undefined);
    expect([drawn.ids, drawn.end]).toEqual([[113, 97], { id: 257, logp: -257 / 8 }]);
  });

  test('keeps a special token in the middle of it, which the text leaves out', () => {
    const special: TokenizerLike = {
      ...bytes,
      decode: (ids, { keepSpecialTokens = false } = {}) =>
        ids.map((id) => (id < 256 ? bytes.decode([id]) : keepSpecialTokens ? '<s>' : '')).join(''),
    };
    const pieces = [{ ...piece('ab\n\n', 2), draw: draw([97, 256, 98, 10, 10]) }, piece('c')];
    const drawn = encodePieces('q', pieces, special, undefined);
    expect(drawn.ids).toEqual([113, 97, 256, 98, 10, 10, 99]);
    expect(drawn.spans).toEqual([
      [1, 4],
      [6, 7],
    ]);
    expect(drawn.logps[2]).toBe(-256 / 8);
  });

  test('together only where every step has it', () => {
    const pieces = [{ ...piece('a\n\n', 1), draw: draw([97, 10, 10]) }];
    expect(encodePieces('q', pieces, merging, 'joint').ids).toEqual([113, 97, 10, 10]);
    expect(encodePieces('q', [...pieces, piece('b')], merging, 'joint').logps).toEqual([null, null, null, null]);
  });

  test('tokens of another text, or without their log-probs, are an error', () => {
    expect(() => encodePieces('q', [{ ...piece('a'), draw: draw([98]) }], bytes, undefined)).toThrow(
      "a step's draws must decode to its text",
    );
    const bare = { tokenIds: [97], logps: [] };
    expect(() => encodePieces('q', [{ ...piece('a'), draw: bare }], bytes, undefined)).toThrow(
      'draws must have one log-prob a token, got 1 tokens and 0 log-probs',
    );
  });
});
