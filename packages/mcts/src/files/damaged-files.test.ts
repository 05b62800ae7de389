/** Files of a small tree and of a small journal, damaged in every way there is to damage one bit or one length of them. */
import { createRng, integer, splitRng } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { ask } from '../search/ask/ask.ts';
import { memoryJournal } from '../search/journal/journal.ts';
import { frame, JOURNAL_MAGIC, readFrames } from '../search/journal/journal-frames.ts';
import { replayJournal } from '../search/journal/replay-journal.ts';
import { expand } from '../search/tell/expand.ts';
import { childrenOf } from '../search/tell/tell.ts';
import { drawCandidates, growTree, testRules, treeContent } from '../test-support/grow-tree.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { xxh32 } from './checksum.ts';
import { FormatError } from './format-error.ts';
import { loadTree } from './load-tree.ts';
import { saveTree } from './save-tree.ts';
import { treeProblem } from './tree-problem.ts';

const namesPlace = (name: string) => new RegExp(`^(loadTree|replayJournal): ${name}, byte \\d+: .{10}`);

/** What loading comes to: the content, or the error, which must be a FormatError that names the file and a byte. */
const outcomeOf = <Content>(name: string, read: () => Content): Content | undefined => {
  try {
    return read();
  } catch (error) {
    // Plain checks: `expect` takes longer than a load, and there are tens of thousands.
    if (!(error instanceof FormatError) || !namesPlace(name).test(error.message)) throw error;
    return undefined;
  }
};

/** Searches a tree for some more turns: sound before, sound after, and nothing thrown between. */
const goesOn = (tree: Tree): void => {
  expect(treeProblem(tree)).toBeUndefined();
  growTree({ tree, seed: 6, iterations: 3, inFlight: 1 });
  expect(treeProblem(tree)).toBeUndefined();
};

describe('a saved tree', () => {
  const whole = saveTree(growTree({ seed: 3, iterations: 4, inFlight: 1 }));
  const load = (bytes: Uint8Array) => outcomeOf('a.tree', () => treeContent(loadTree(bytes, { name: 'a.tree' })));

  test('cut at any byte is an error', () => {
    expect(load(whole.slice())).toBeDefined();
    const survived = Array.from(whole, (_, length) => length).filter(
      (length) => load(whole.slice(0, length)) !== undefined,
    );
    expect(survived).toEqual([]);
  });

  test('with any bit flipped is an error', () => {
    const survived: number[] = [];
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const flipped = whole.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      if (load(flipped) !== undefined) survived.push(bit);
    }
    expect(survived).toEqual([]);
  });

  test('with any byte changed and true checksums is an error, or a sound tree', () => {
    const view = new DataView(whole.buffer, whole.byteOffset);
    const headerEnd = 16 + view.getUint32(8, true);
    const header = JSON.parse(new TextDecoder().decode(whole.subarray(16, headerEnd)));
    const rng = createRng(2);
    let loaded = 0;
    let at = headerEnd;
    for (const [number, section] of header.sections.entries()) {
      const start = Math.ceil(at / 8) * 8;
      at = start + section.bytes;
      for (let byte = start; byte < at; byte++) {
        const changed = whole.slice();
        changed[byte] = integer(splitRng(rng, byte), 256)[0];
        const sections = header.sections.map((one: object, index: number) =>
          index === number ? { ...one, checksum: xxh32(changed.subarray(start, start + section.bytes)) } : one,
        );
        outcomeOf('a.tree', () => {
          goesOn(loadTree(withHeader(changed, headerEnd, { ...header, sections }), { name: 'a.tree' }));
          loaded++;
        });
      }
    }
    expect(loaded).toBeGreaterThan(100);
  });

  test('with any number of its header changed and true checksums is an error, or a sound tree', () => {
    const view = new DataView(whole.buffer, whole.byteOffset);
    const headerEnd = 16 + view.getUint32(8, true);
    const text = new TextDecoder().decode(whole.subarray(16, headerEnd));
    let loaded = 0;
    const wrong = ['-1', '1e99', '0.5', 'null', '"x"', '[]', '{}', '4294967296', '9007199254740993'];
    for (const { index, 0: number } of text.matchAll(/(?<=[:[,])-?\d+(?=[,\]}])/g)) {
      for (const other of wrong) {
        const header = JSON.parse(text.slice(0, index) + other + text.slice(index + number.length));
        outcomeOf('a.tree', () => {
          goesOn(loadTree(withHeader(whole, headerEnd, header), { name: 'a.tree' }));
          loaded++;
        });
      }
    }
    expect(loaded).toBeGreaterThan(5);
  });
});

/** A tree file with another header before its sections. */
const withHeader = (file: Uint8Array, headerEnd: number, header: unknown): Uint8Array => {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((16 + text.length) / 8) * 8;
  const sections = file.subarray(Math.ceil(headerEnd / 8) * 8);
  const changed = new Uint8Array(start + sections.length);
  changed.set(file.subarray(0, 8));
  changed.set(text, 16);
  changed.set(sections, start);
  const view = new DataView(changed.buffer);
  view.setUint32(8, text.length, true);
  view.setUint32(12, xxh32(text), true);
  return changed;
};

describe('a journal', () => {
  const journal = memoryJournal();
  /** The tree after each event, by the byte where the event ends. */
  const states = new Map<number, string>();
  const stateOf = (trees: readonly Tree[]): string => JSON.stringify(trees.map(treeContent));
  const tree = createTree({ id: 'q', prompt: '2 + 3?' }, { seed: 4 });
  const keep = () => states.set(journal.bytes().length, stateOf([tree]));
  states.set(0, '[]').set(journal.bytes().length, '[]');
  const { question, seed } = tree;
  journal.append({ kind: 'begin', lane: 0, index: 0, attempt: 0, question, seed, rules: testRules.id, leaves: 2 });
  keep();
  for (let turn = 0; turn < 4; turn++) {
    const leaf = ask(tree, testRules)!;
    journal.append({ kind: 'ask', lane: 0, leaf });
    keep();
    const candidates = drawCandidates(splitRng(createRng(9), turn));
    const { children, spent } = childrenOf(tree, testRules, leaf, candidates);
    journal.append({ kind: 'tell', lane: 0, leaf, children, spent });
    expand(tree, testRules, leaf, children, spent);
    keep();
  }
  const whole = journal.bytes();
  const ends = [...states.keys()];
  const replay = (bytes: Uint8Array) =>
    outcomeOf('a.journal', () =>
      stateOf(replayJournal(bytes, testRules, { name: 'a.journal' }).map((one) => one.tree)),
    );

  test('cut at any byte is the search as it was after the last whole event', () => {
    expect(states.size).toBe(11);
    for (let length = 0; length <= whole.length; length++) {
      const end = ends.findLast((at) => at <= length)!;
      expect(replay(whole.slice(0, length)), `cut at ${length}`).toBe(states.get(end));
    }
  });

  test('with any bit flipped is an error, or the search as it was before the event that was hit', () => {
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const flipped = whole.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const state = replay(flipped);
      if (state === undefined) continue;
      // A length that now reaches beyond the file looks like an event cut off while it was written.
      expect(state, `bit ${bit}`).toBe(states.get(ends.findLast((at) => at <= bit >> 3)!));
    }
  });

  test('with any byte of an event changed and true checksums is an error, or a sound tree', () => {
    const { payloads } = readFrames(whole, 'test');
    const rng = createRng(5);
    let replayed = 0;
    for (const [number, { offset, bytes }] of payloads.entries()) {
      for (let byte = 0; byte < bytes.length; byte++) {
        for (let time = 0; time < 3; time++) {
          let next = 0;
          const frames = payloads.map(({ bytes: payload }, index) => {
            const copy = payload.slice();
            if (index === number) copy[byte] = integer(splitRng(splitRng(rng, offset + byte), time), 256)[0];
            const framed = frame(copy, next);
            next = framed.next;
            return framed.bytes;
          });
          outcomeOf('a.journal', () => {
            const forged = new Uint8Array(Buffer.concat([JOURNAL_MAGIC, ...frames]));
            for (const search of replayJournal(forged, testRules, { name: 'a.journal' })) goesOn(search.tree);
            replayed++;
          });
        }
      }
    }
    expect(replayed).toBeGreaterThan(100);
  });
});
