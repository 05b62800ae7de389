import { expect, test } from 'vitest';
import { bytes, merging } from '../test-support/examples.ts';
import { encodePieces } from './pieces.ts';

test('spans are those of the bodies, in both ways of encoding', () => {
  const source = { prompt: 'q:', steps: ['ab\n\n', 'c'], bodies: [2, 1] };
  for (const boundaries of ['separate', 'joint'] as const) {
    expect(encodePieces(source, bytes, boundaries).spans).toEqual([
      [2, 4],
      [6, 7],
    ]);
  }
});

test('a token with body and delimiter both is scored: it carries the body', () => {
  const source = { prompt: '', steps: ['a.\n\n'], bodies: [2] };
  expect(encodePieces(source, merging, 'separate').spans).toEqual([[0, 2]]);
});

test('an empty body has no tokens', () => {
  expect(encodePieces({ prompt: 'q', steps: ['\n\n'], bodies: [0] }, bytes, 'separate').spans).toEqual([[1, 1]]);
  expect(encodePieces({ prompt: 'q', steps: ['\n\n'], bodies: [0] }, bytes, 'joint').spans).toEqual([[1, 1]]);
});

test('text a tokenizer cannot keep is an error that shows where', () => {
  expect(() => encodePieces({ prompt: 'a\ud800', steps: ['b'], bodies: [1] }, bytes, 'joint')).toThrow(
    /at character 1 \(the tokenizer changes the text\)/,
  );
});
