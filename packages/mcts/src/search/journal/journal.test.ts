import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, splitRng, uniforms, type Verifier } from '@svo/mdp';
import { afterAll, describe, expect, test } from 'vitest';
import { saveTree } from '../../files/save-tree.ts';
import { softBackup } from '../../rules/backup.ts';
import { uniformPrior } from '../../rules/prior.ts';
import { puct } from '../../rules/select.ts';
import { maxIterations } from '../../rules/stop.ts';
import { testRules, treeContent } from '../../test-support/grow-tree.ts';
import { drill, drillPolicy } from '../../test-support/journal-drill.ts';
import type { Tree } from '../../tree/tree.ts';
import { rulesFingerprint } from '../fingerprint.ts';
import { searchMany } from '../many/search-many.ts';
import type { SearchManyOptions } from '../search-options.ts';
import { type Journal, memoryJournal, openJournal } from './journal.ts';
import { encodeEvent } from './journal-events.ts';
import { frame, readFrames } from './journal-frames.ts';
import { type ReplayedSearch, replayJournal } from './replay-journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'svo-journal-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The drill's trees as saved bytes, by question. */
const run = async (
  journal?: Journal,
  more: { order?: 'free'; leaves?: number } = {},
): Promise<Map<string, Uint8Array>> => {
  const trees = new Map<string, Tree>();
  const options = { ...drill, ...more, policy: drillPolicy(), ...(journal === undefined ? {} : { journal }) };
  for await (const record of searchMany(options)) {
    if (record.kind === 'tree') trees.set(record.question.id, record.tree);
  }
  return new Map([...trees].sort().map(([id, tree]) => [id, saveTree(tree)]));
};

const saved = (searches: readonly ReplayedSearch[]): Map<string, Uint8Array> => {
  const entries = searches.map(({ question, tree }): [string, Uint8Array] => [question.id, saveTree(tree)]);
  return new Map(entries.sort());
};

const straight = await run();
const whole = memoryJournal();
await run(whole);
const bytes = whole.bytes();

const drill0 = { id: 'q0', prompt: 'What is 2 + 3?', answer: '5' };
/** A judge like the drill's, under another name or none. */
const named = (id: string | undefined): Verifier =>
  Object.assign(testRules.verifier!.bind(undefined), id === undefined ? {} : { id });
/** How large the trees of golden/version-1.journal were when it was written, by the version of before. */
const oldSizes = [2, 52];

describe('a journal', () => {
  test('does not change the search', async () => {
    expect(await run(memoryJournal())).toEqual(straight);
  });

  test('replays to the same bytes without a policy or a verifier', () => {
    const { verifier: _verifier, ...rules } = drill.rules;
    const replayed = replayJournal(bytes, rules);
    expect(saved(replayed)).toEqual(straight);
  });

  test('of a free search replays exactly, whatever the order of arrival was', async () => {
    const journal = memoryJournal();
    const free = await run(journal, { order: 'free', leaves: 4 });
    const replayed = replayJournal(journal.bytes(), drill.rules);
    expect(saved(replayed)).toEqual(free);
  });

  test('takes at most 64 bytes and the texts an event', () => {
    const { payloads } = readFrames(bytes, 'test');
    const [replayed] = [replayJournal(bytes, drill.rules)];
    const texts = replayed!.reduce((sum, { tree }) => sum + treeContent(tree).texts.join('').length, 0);
    const events = payloads.filter(({ bytes: payload }) => payload[0] !== 1);
    const begins = payloads.filter(({ bytes: payload }) => payload[0] === 1);
    const size = bytes.length - texts - begins.reduce((sum, { bytes: payload }) => sum + payload.length + 8, 0);
    expect(size / events.length).toBeLessThan(64);
    const largest = { text: '', prior: 0.5, count: 1, outcome: undefined, value: undefined, failure: undefined };
    const spent = { requests: 1, candidates: 5, tokens: 200, failures: 0, lost: 0, estimates: 0 };
    const children = Array.from({ length: 5 }, () => largest);
    const event = { kind: 'tell', lane: 4000, leaf: 400, children, spent } as const;
    expect(frame(encodeEvent(event), 0).bytes.length).toBeLessThanOrEqual(64);
  });

  test('cut at any of 200 random bytes, resumes to trees bit-identical with the uninterrupted', async () => {
    const cuts = [...uniforms(splitRng(createRng(5), 'cuts'), 200)].map((u) => Math.floor(u * (bytes.length + 1)));
    for (const cut of cuts) {
      const journal = memoryJournal(bytes.slice(0, cut));
      expect(await run(journal), `cut at byte ${cut}`).toEqual(straight);
      // The resumed journal is a journal: it replays to the same trees.
      expect(replayJournal(journal.bytes(), drill.rules)).toHaveLength(straight.size);
    }
  });

  // The killed process runs this source, which takes a Node that strips types: 22 and later.
  const stripsTypes = Number(process.versions.node.split('.')[0]) >= 22;
  test.runIf(stripsTypes)(
    'of a process killed with SIGKILL in the middle of it, resumes to the same trees',
    async () => {
      for (let round = 0; round < 3; round++) {
        const path = join(directory, `killed-${round}.journal`);
        await killWhileWriting(path, 200 + 7000 * round);
        const size = statSync(path).size;
        expect(size).toBeGreaterThan(100);
        expect(size).toBeLessThan(bytes.length);
        const journal = openJournal(path);
        expect(await run(journal)).toEqual(straight);
        journal.close();
      }
    },
    300_000,
  );

  test('opened again goes on after its last whole event, and drops half of one', async () => {
    const path = join(directory, 'torn.journal');
    writeFileSync(path, bytes.subarray(0, 5000));
    const whole = openJournal(path);
    expect(whole.past.length).toBe(readFrames(bytes.subarray(0, 5000), 'torn').end);
    expect(statSync(path).size).toBe(whole.past.length);
    expect(await run(whole)).toEqual(straight);
    whole.close();
    expect(readFrames(new Uint8Array(readFileSync(path)), 'torn').end).toBe(statSync(path).size);
  });
});

describe('a journal that is not right', () => {
  const replay = (changed: Uint8Array) => () => replayJournal(changed, drill.rules, { name: 'bad.journal' });
  const { payloads } = readFrames(bytes, 'test');

  test('with any bit flipped is an error that names file and byte, or ends before the flip', () => {
    const straightTrees = replayJournal(bytes, drill.rules);
    for (const u of uniforms(createRng(1), 300)) {
      const at = Math.floor(u * bytes.length);
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at % 8);
      let error: Error | undefined;
      let trees: typeof straightTrees = [];
      try {
        trees = replay(flipped)();
      } catch (thrown) {
        error = thrown as Error;
      }
      if (error === undefined) {
        // The only flips that pass lengthen the last event beyond the end: what is before it is whole.
        expect(at).toBeGreaterThanOrEqual(payloads.at(-1)!.offset);
        expect(trees).toHaveLength(straightTrees.length);
      } else expect(error.message).toMatch(/^replayJournal: bad\.journal, byte \d+: /);
    }
  });

  test('with an event left out, repeated or moved is an error', () => {
    const cut = (from: number, to: number) => bytes.subarray(payloads[from]!.offset, payloads[to]!.offset);
    const rest = payloads.length - 1;
    const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat([bytes.subarray(0, 8), ...parts]));
    const follows = 'an event fails its checksum, or does not follow the one before it';
    expect(replay(join(cut(0, 9), cut(10, rest)))).toThrow(follows);
    expect(replay(join(cut(0, 10), cut(9, rest)))).toThrow(follows);
    expect(replay(join(cut(0, 9), cut(10, 11), cut(9, 10), cut(11, rest)))).toThrow(follows);
  });

  const forged = (...events: Parameters<typeof encodeEvent>[0][]) => {
    const journal = memoryJournal();
    for (const event of events) journal.append(event);
    return journal.bytes();
  };
  const begin = {
    kind: 'begin',
    lane: 0,
    index: 0,
    attempt: 0,
    question: { id: 'q', prompt: 'p' },
    seed: 1,
    rules: drill.rules.id,
    leaves: 1,
  } as const;
  const child = { text: 'x', prior: 1, count: 1, outcome: undefined, value: undefined, failure: undefined };
  const spent = { requests: 1, candidates: 1, tokens: 0, failures: 0, lost: 0, estimates: 0 };
  const tell = { kind: 'tell', lane: 0, leaf: 0, children: [child], spent } as const;
  const ask = { kind: 'ask', lane: 0, leaf: 0 } as const;

  test.each([
    ['answers a node nobody asked for', [begin, tell], 'nobody asked for'],
    ['answers a node twice, which would close a cycle', [begin, ask, tell, tell], 'was answered already'],
    ['answers a node that is not there', [begin, ask, { ...tell, leaf: 99 }], 'nobody asked for'],
    ['asks for another node than the rules choose', [begin, { ...ask, leaf: 3 }], 'where the rules choose 0'],
    ['speaks of a search that has not begun', [ask], 'which has not begun'],
    ['begins a search twice', [begin, begin], 'begins search 0 where 1 is due'],
    ['was made under other rules', [{ ...begin, rules: 'other' }], 'was made under the rules other'],
    ['has a prior of NaN', [begin, ask, { ...tell, children: [{ ...child, prior: Number.NaN }] }], 'a prior of NaN'],
    ['has an infinite value', [begin, ask, { ...tell, children: [{ ...child, value: 1 / 0 }] }], 'a value of Infinity'],
    ['has an empty step', [begin, ask, { ...tell, children: [{ ...child, text: '' }] }], 'an empty step'],
    ['has no children', [begin, ask, { ...tell, children: [] }], 'have 0 children'],
  ] as const)('because it %s, true checksums or not, is an error', (_what, events, message) => {
    expect(replay(forged(...events))).toThrow(message);
  });

  test('a file of another kind is left alone', () => {
    const path = join(directory, 'notes.txt');
    writeFileSync(path, 'buy milk, and then some more milk');
    expect(() => openJournal(path)).toThrow('byte 0: does not start with SVOJRNL1: not a journal');
    expect(readFileSync(path, 'utf8')).toBe('buy milk, and then some more milk');
    appendFileSync(path, '.');
  });

  test.each<[string, object, string]>([
    [
      'policy',
      { policy: { ...drillPolicy(), id: 'drill at another temperature' } },
      'policy must be what the journal began with, drill, got',
    ],
    [
      'verifier',
      { rules: { ...drill.rules, verifier: named('odd length') } },
      'verifier must be what the journal began with, even length, got odd length',
    ],
    [
      'no verifier',
      { rules: { ...drill.rules, verifier: undefined } },
      'verifier must be what the journal began with, even length, got none',
    ],
    [
      'gold answer',
      { questions: [{ ...drill0, answer: '6' }] },
      'question.answer must be what the journal began with, 5, got 6',
    ],
    [
      'no gold answer',
      { questions: [{ id: drill0.id, prompt: drill0.prompt }] },
      'question.answer must be what the journal began with, 5, got none',
    ],
    [
      'question',
      { questions: [{ ...drill0, prompt: '2 + 4?' }] },
      'question.prompt must be what the journal began with',
    ],
    [
      'value model',
      { valueModel: { id: 'v', values: async () => [] } },
      'value model must be what the journal began with, none, got v',
    ],
    ['order', { order: 'free' }, 'order must be what the journal began with, ordered, got free'],
    [
      'stop',
      { rules: { ...drill.rules, stop: maxIterations(25) } },
      'was made under stop maxIterations(24), not maxIterations(25)',
    ],
    [
      'select',
      { rules: { ...drill.rules, select: puct({ c: 9 }) } },
      'was made under select puct(c=1.25, firstPlay=firstPlayZero), not puct(c=9,',
    ],
    [
      'prior',
      { rules: { ...drill.rules, prior: uniformPrior } },
      'was made under prior meanTokenProb, not uniformPrior',
    ],
    [
      'backup',
      { rules: { ...drill.rules, backup: softBackup({ beta: 2 }) } },
      'was made under backup mean, not soft(2)',
    ],
    ['breadth', { rules: { ...drill.rules, breadth: 4 } }, 'was made under breadth 5, not 4'],
    ['depth', { rules: { ...drill.rules, depth: 3 } }, 'was made under depth 12, not 3'],
    ['rewards', { rules: { ...drill.rules, rewards: { ...drill.rules.rewards, cut: 0 } } }, 'was made under rewards'],
    ['leaf visit', { rules: { ...drill.rules, leafVisit: false } }, 'was made under leaf visit true, not false'],
    [
      'terminal visits',
      { rules: { ...drill.rules, terminalVisits: 'every' } },
      'was made under terminal visits once, not every',
    ],
  ])('a journal under another %s is refused by name', async (_what, change, message) => {
    const journal = memoryJournal();
    const begun = { ...drill, questions: [drill0], policy: drillPolicy() };
    await searchMany({ ...begun, journal }).next();
    const past = journal.bytes();
    const resumed = searchMany({ ...begun, ...change, journal: memoryJournal(past) } as SearchManyOptions);
    await expect(resumed.next()).rejects.toThrow(message);
  });

  test('a journal of the first format is read and gone on with; what it does not say is told', async () => {
    const old = new Uint8Array(readFileSync(new URL('../../../golden/version-1.journal', import.meta.url)));
    const rules = { ...testRules, stop: maxIterations(12) };
    const replayed = replayJournal(old, rules);
    expect(replayed.map(({ tree }) => tree.size)).toEqual(oldSizes);
    expect(replayed[0]!.unchecked).toEqual(Object.keys(rulesFingerprint(rules)).filter((part) => part !== 'rules'));
    const warned: string[] = [];
    const listen = ({ message }: Error): number => warned.push(message);
    process.on('warning', listen);
    try {
      const resume = async (journal: Journal, answer: string) => {
        const questions = [
          { id: 'q0', prompt: 'What is 2 + 3?', answer },
          { id: 'q1', prompt: 'What is 3 + 3?', answer: '6' },
        ];
        const trees: Tree[] = [];
        const options = { questions, policy: drillPolicy(), rules, seed: 11, leaves: 2, journal };
        for await (const record of searchMany(options)) if (record.kind === 'tree') trees.push(record.tree);
        return trees;
      };
      const trees = await resume(memoryJournal(old), '5');
      expect(trees.map(treeContent)).toEqual(replayed.map(({ tree }) => treeContent(tree)));
      // Cut in the middle it is gone on with, and what is added is read again.
      const half = memoryJournal(old.slice(0, 900));
      const rest = await resume(half, '5');
      expect(replayJournal(half.bytes(), rules).map(({ tree }) => treeContent(tree))).toEqual(rest.map(treeContent));
      await expect(resume(memoryJournal(old), '7')).rejects.toThrow(
        'question.answer must be what the journal began with, 5, got 7',
      );
      await new Promise((resolve) => setImmediate(resolve));
      expect(warned[0]).toMatch(
        /^searchMany: memory goes on without knowing whether these are as they were: format, policy, .*verifier/,
      );
    } finally {
      process.off('warning', listen);
    }
  });

  test('a function without an id is told once, and one with it compared', async () => {
    const begun = {
      ...drill,
      questions: [drill0],
      policy: drillPolicy(),
      rules: { ...drill.rules, verifier: named(undefined) },
    };
    const journal = memoryJournal();
    await searchMany({ ...begun, journal }).next();
    const warned: string[] = [];
    const listen = ({ message }: Error): number => warned.push(message);
    process.on('warning', listen);
    await searchMany({ ...begun, journal: memoryJournal(journal.bytes()) }).next();
    await searchMany({ ...begun, rules: drill.rules, journal: memoryJournal(journal.bytes()) }).next();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warned).toHaveLength(2);
    for (const message of warned)
      expect(message).toMatch(/^searchMany: memory goes on without knowing .*: verifier \(a function/);
  });

  test('a journal of another search is refused, naming what differs', async () => {
    const other = { ...drill, seed: 99, policy: drillPolicy(), journal: memoryJournal(bytes) };
    await expect(searchMany(other).next()).rejects.toThrow(
      'searchMany: seed must be what the journal began with, 11, got 99',
    );
    const more = { ...drill, leaves: 5, policy: drillPolicy(), journal: memoryJournal(bytes) };
    await expect(searchMany(more).next()).rejects.toThrow('leaves must be what the journal began with, 3, got 5');
  });
});

/** Runs the drill in a process of its own and kills it with SIGKILL once its journal has some bytes. */
async function killWhileWriting(path: string, size: number): Promise<void> {
  const script = join(import.meta.dirname, '..', '..', 'test-support', 'journal-drill.ts');
  const child = spawn(process.execPath, ['--conditions=@svo/source', '--experimental-strip-types', script, path], {
    stdio: 'ignore',
  });
  const ended = new Promise<string | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  while (child.exitCode === null && (!existsSync(path) || statSync(path).size < size)) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
}
