/** What was drawn travels from the candidate to the request, the rows, the journal and the file, to the last bit. */
import { fc, test } from '@fast-check/vitest';
import { type Candidate, createRng, type Policy, type ProposeRequest, splitRng, uniforms } from '@svo/mdp';
import { describe, expect } from 'vitest';
import { FormatError } from '../files/format-error.ts';
import { loadTree } from '../files/load-tree.ts';
import { saveTree } from '../files/save-tree.ts';
import { sampleResponses } from '../inference/samples/sample-responses.ts';
import { extractPairs } from '../rows/extract-pairs.ts';
import { outcomeValueRows } from '../rows/rows.ts';
import { sampleTrajectories } from '../rows/sample-trajectories.ts';
import { maxIterations } from '../rules/stop.ts';
import { drawCandidates, growTree, testRules, treeContent } from '../test-support/grow-tree.ts';
import { drawOf, stateOf } from '../tree/path.ts';
import { textAt } from '../tree/texts.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { ask } from './ask/ask.ts';
import { memoryJournal } from './journal/journal.ts';
import { replayJournal } from './journal/replay-journal.ts';
import { search } from './many/search-many.ts';
import { reroot } from './reroot.ts';
import { tell } from './tell/tell.ts';

/** A tokenizer whose tokens say their text: a step's ids are its characters' codes. */
const idsOf = (text: string): number[] => [...text].map((sign) => sign.codePointAt(0)!);
const textFrom = (ids: readonly number[]): string => String.fromCodePoint(...ids);

/** The usual candidates, most of them with what was drawn; log-probs use all 53 bits. */
const withDraws = (seed: number, request: number): Candidate[] =>
  drawCandidates(splitRng(createRng(seed), request), undefined, 30).map((candidate, k) => {
    if (candidate.finish === 'error' || (request + k) % 4 === 0) return candidate;
    const tokenIds = idsOf(candidate.text);
    const logps = [...uniforms(splitRng(createRng(request), k), tokenIds.length)].map((u) => -u / 3);
    return { ...candidate, tokenIds, logps };
  });

const policyOf = (seed: number, seen?: ProposeRequest[]): Policy => ({
  id: `draws ${seed}`,
  propose: async (request) => {
    seen?.push(request);
    return withDraws(seed, request.seed);
  },
});
const rules = { ...testRules, stop: maxIterations(40) };
const grow = (seed: number, seen?: ProposeRequest[]): Promise<Tree> =>
  search({ question: { id: 'q', prompt: '?' }, policy: policyOf(seed, seen), rules, seed });
const seeds = fc.integer({ min: 0, max: 1e6 });

describe('what was drawn', () => {
  test.prop([seeds], { numRuns: 20 })('is on the node, and spells its text', async (seed) => {
    const tree = await grow(seed);
    let known = 0;
    for (let node = 1; node < tree.size; node++) {
      const draw = drawOf(tree, node);
      if (draw === undefined) continue;
      known++;
      expect(textFrom(draw.tokenIds)).toBe(textAt(tree.texts, node));
      expect(draw.logps).toHaveLength(draw.tokenIds.length);
    }
    expect(known).toBeGreaterThan(tree.size / 3);
  });

  test.prop([seeds], { numRuns: 10 })('is in the requests for what follows it', async (seed) => {
    const seen: ProposeRequest[] = [];
    await grow(seed, seen);
    let known = 0;
    for (const { state } of seen) {
      for (const [at, draw] of (state.draws ?? []).entries()) {
        if (draw === undefined) continue;
        known++;
        expect(textFrom(draw.tokenIds)).toBe(state.steps[at]);
      }
    }
    expect(known).toBeGreaterThan(0);
  });

  test.prop([seeds], { numRuns: 20 })('is on every row, beside the step it was drawn for', async (seed) => {
    const tree = await grow(seed);
    const spell = (
      steps: readonly string[],
      draws: readonly ({ tokenIds: readonly number[] } | undefined)[] | undefined,
    ) => {
      if (draws === undefined) return;
      expect(draws).toHaveLength(steps.length);
      for (const [at, draw] of draws.entries()) if (draw !== undefined) expect(textFrom(draw.tokenIds)).toBe(steps[at]);
    };
    const rows = [...sampleTrajectories(tree, { positive: 99, negative: 99 }), ...outcomeValueRows(tree)];
    for (const { steps, draws } of rows) spell(steps, draws);
    expect(rows.some(({ draws }) => draws !== undefined)).toBe(true);
    for (const { chosen, rejected } of extractPairs(tree)) {
      for (const { prefix, step, draws } of [chosen, rejected]) spell([...prefix, step], draws);
    }
  });

  test.prop([seeds], { numRuns: 20 })('comes back from file and journal to the last bit', async (seed) => {
    const journal = memoryJournal();
    const tree = await search({ question: { id: 'q', prompt: '?' }, policy: policyOf(seed), rules, seed, journal });
    expect(treeContent(loadTree(saveTree(tree)))).toEqual(treeContent(tree));
    expect(saveTree(loadTree(saveTree(tree)))).toEqual(saveTree(tree));
    expect(treeContent(replayJournal(journal.bytes(), rules)[0]!.tree)).toEqual(treeContent(tree));
    // A loaded tree takes more.
    const loaded = loadTree(saveTree(tree));
    for (const one of [tree, loaded]) {
      const more = { ...rules, stop: maxIterations(60) };
      for (let leaf = ask(one, more); leaf !== undefined; leaf = ask(one, more)) {
        tell(one, more, leaf, withDraws(seed, leaf));
      }
    }
    expect(treeContent(loaded)).toEqual(treeContent(tree));
  });

  test.prop([seeds, fc.nat()], { numRuns: 20 })('moves with a subtree', async (seed, pick) => {
    const tree = await grow(seed);
    const inner = Array.from({ length: tree.size }, (_, node) => node).filter((node) => tree.childCounts[node]! > 0);
    const node = inner[pick % inner.length]!;
    const own = loadTree(saveTree(reroot(tree, node)));
    expect(stateOf(own, 0)).toEqual(stateOf(tree, node));
    for (let at = 1; at < own.size; at++) {
      const draw = drawOf(own, at);
      if (draw !== undefined) expect(textFrom(draw.tokenIds)).toBe(textAt(own.texts, at));
    }
  });

  test('of merged candidates is the first one’s; of half a character, or of ids without log-probs, nobody’s', () => {
    const tree = createTree({ id: 'q', prompt: '?' });
    const step = { count: 1, finish: 'step' } as const;
    tell(tree, testRules, ask(tree, testRules)!, [
      { ...step, text: 'a\n', tokenIds: [1, 2], logps: [-1, -2] },
      { ...step, text: 'a', tokenIds: [3], logps: [-4] },
      { ...step, text: 'half \ud800', tokenIds: [5], logps: [-1] },
      { ...step, text: 'uneven', tokenIds: [5, 6], logps: [-1] },
      { ...step, text: 'second', tokenIds: [7], logps: [-0.1] },
    ]);
    expect([1, 2, 3, 4].map((node) => drawOf(tree, node)?.tokenIds)).toEqual([[1, 2], undefined, undefined, [7]]);
    const leaf = ask(tree, testRules)!;
    expect(() => tell(tree, testRules, leaf, [{ ...step, text: 'x', tokenIds: [-1], logps: [-1] }])).toThrow(
      "a candidate's tokenIds must be integers in [0, 2^31), got -1",
    );
  });

  test('goes with a response that is sampled step by step', async () => {
    const seen: ProposeRequest[] = [];
    await sampleResponses({ question: { id: 'q', prompt: '?' }, policy: policyOf(4, seen), count: 20 });
    const longer = seen.filter(({ state }) => state.draws !== undefined);
    expect(longer.length).toBeGreaterThan(0);
    for (const { state } of longer) expect(state.draws).toHaveLength(state.steps.length);
  });

  test('costs nothing where there is none', () => {
    const tree = growTree({ seed: 1, iterations: 30, inFlight: 0 });
    expect(tree.draws).toBeUndefined();
    expect(sampleTrajectories(tree).some((row) => 'draws' in row)).toBe(false);
    expect(new TextDecoder('latin1').decode(saveTree(tree))).not.toContain('tokenIds');
  });
});

test('a file with a damaged draw is an error', async () => {
  const bytes = saveTree(await grow(5));
  for (const u of uniforms(createRng(2), 200)) {
    const flipped = bytes.slice();
    flipped[Math.floor(u * bytes.length)]! ^= 4;
    expect(() => loadTree(flipped)).toThrow(FormatError);
  }
});
