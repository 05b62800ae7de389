import { readFileSync } from 'node:fs';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { growTree, treeContent } from '../test-support/grow-tree.ts';
import { FormatError } from './format-error.ts';
import { loadTree } from './load-tree.ts';
import { saveTree } from './save-tree.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });

describe('saveTree and loadTree', () => {
  test.prop([seeds, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 5 })])(
    'give the tree back: statistics, texts, failures, leaves in flight',
    (seed, iterations, inFlight) => {
      const tree = growTree({ seed, iterations, inFlight });
      const loaded = loadTree(saveTree(tree));
      expect(treeContent(loaded)).toEqual(treeContent(tree));
      // Saved again after loading, the same bytes but for the arrays' order of origin.
      expect(saveTree(loaded)).toEqual(saveTree(tree));
    },
  );

  test('a tree of the first version is read: counted then as lost, and not asked again', () => {
    const old = loadTree(new Uint8Array(readFileSync(new URL('../../golden/version-1.tree', import.meta.url))));
    const now = growTree({ seed: 7, iterations: 30, inFlight: 2 });
    expect(treeContent(old)).toEqual(treeContent(now));
    expect(old.usage.lost).toBeGreaterThan(0);
    expect(treeContent(loadTree(saveTree(old)))).toEqual(treeContent(old));
  });

  test('a loaded tree goes on exactly as the one that was saved', () => {
    const tree = growTree({ seed: 4, iterations: 50, inFlight: 2 });
    const loaded = loadTree(saveTree(tree));
    growTree({ tree, seed: 5, iterations: 50, inFlight: 0 });
    growTree({ tree: loaded, seed: 5, iterations: 50, inFlight: 0 });
    expect(treeContent(loaded)).toEqual(treeContent(tree));
  });

  test('writes over the bytes it is given, when they are enough', () => {
    const tree = growTree({ seed: 1, iterations: 20, inFlight: 0 });
    const expected = saveTree(tree);
    const into = new Uint8Array(2 * expected.length).fill(0xee);
    const saved = saveTree(tree, { into });
    expect(saved).toEqual(expected);
    expect(saved.buffer).toBe(into.buffer);
    expect(saveTree(tree, { into: new Uint8Array(10) })).toEqual(expected);
    const before = saveTree(tree);
    expect(saveTree(tree, { into: before }).buffer).toBe(before.buffer);
  });

  test('keeps every kind of character, half surrogates replaced before they enter the tree', () => {
    const tree = growTree({
      seed: 1,
      iterations: 3,
      inFlight: 0,
      texts: ['½ × ½ = ¼\n\n', '🙂 so\n\n', '\ufeffx', 'half \ud800'],
    });
    const loaded = loadTree(saveTree(tree));
    expect(treeContent(loaded)).toEqual(treeContent(tree));
    expect(treeContent(loaded).texts).toContain('half \ufffd');
  });

  const bytes = saveTree(growTree({ seed: 3, iterations: 40, inFlight: 2 }));

  test.prop([fc.nat(bytes.length - 1)])('a file cut off anywhere is an error that names it and a byte', (length) => {
    const load = () => loadTree(bytes.slice(0, length), { name: 'q3.tree' });
    expect(load).toThrow(FormatError);
    expect(load).toThrow(/^loadTree: q3\.tree, byte \d+: /);
  });

  test.prop([fc.nat(bytes.length - 1), fc.nat(7)], { numRuns: 1000 })(
    'a flipped bit is an error, wherever it is',
    (at, bit) => {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << bit;
      expect(() => loadTree(flipped)).toThrow(FormatError);
    },
  );

  test('a file with more after its end, or of another kind, is an error', () => {
    expect(() => loadTree(new Uint8Array([...bytes, 0]))).toThrow('1 bytes too many');
    expect(() => loadTree(new TextEncoder().encode('{"a":1}          '))).toThrow(
      'byte 0: does not start with SVOTREE1',
    );
  });

  test.each([
    ['cyclic parents', 'parents', (tree: ReturnType<typeof growTree>) => (tree.parents[1] = 6)],
    ['a child of the wrong node', 'parents', (tree: ReturnType<typeof growTree>) => (tree.parents[7] = 0)],
    ['overlapping children', 'firstChildren', (tree: ReturnType<typeof growTree>) => (tree.firstChildren[0] = 0)],
    ['a wrong depth', 'depths', (tree: ReturnType<typeof growTree>) => (tree.depths[3] = 9)],
    ['a NaN', 'values', (tree: ReturnType<typeof growTree>) => (tree.values[3] = Number.NaN)],
    ['a negative prior', 'priors', (tree: ReturnType<typeof growTree>) => (tree.priors[3] = -1)],
    ['a step never drawn', 'counts', (tree: ReturnType<typeof growTree>) => (tree.counts[3] = 0)],
    ['a false mark of exhaustion', 'statuses', (tree: ReturnType<typeof growTree>) => (tree.statuses[0]! ^= 32)],
    ['a false mark of a solution', 'statuses', (tree: ReturnType<typeof growTree>) => (tree.statuses[0]! ^= 4)],
    ['a ghost in flight', 'pending', (tree: ReturnType<typeof growTree>) => tree.pending[0]!++],
    ['a false count', 'pending', (tree: ReturnType<typeof growTree>) => tree.inFlight++],
    ['a false count of solutions', 'statuses', (tree: ReturnType<typeof growTree>) => tree.solutions++],
  ])('a file with true checksums and %s is not a tree', (_what, array, spoil) => {
    const tree = growTree({ seed: 3, iterations: 40, inFlight: 2 });
    spoil(tree);
    expect(() => loadTree(saveTree(tree))).toThrow(new RegExp(`byte \\d+: not a tree: ${array}: `));
  });
});
