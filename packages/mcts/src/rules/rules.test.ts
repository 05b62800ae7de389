import type { Candidate } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { ask } from '../search/ask/ask.ts';
import { mergeCandidates } from '../search/tell/merge.ts';
import { tell } from '../search/tell/tell.ts';
import { growTree, testRules } from '../test-support/grow-tree.ts';
import { nodeStatus } from '../tree/node-status.ts';
import type { Outcome } from '../tree/status.ts';
import { treeSummary } from '../tree/summary.ts';
import { createTree } from '../tree/tree.ts';
import { softBackup } from './backup.ts';
import { firstPlayLoss, firstPlayParent, firstPlayZero } from './first-play.ts';
import { dvoSearch, svpoSearch } from './presets.ts';
import { meanTokenProb, sumLogProb, uniformPrior } from './prior.ts';
import { puct, uct } from './select.ts';
import { gumbelHalving } from './select-gumbel.ts';
import { normalizedPuct } from './select-normalized.ts';
import { allOf, anyOf, maxIterations, maxNodes, maxTokens, solved } from './stop.ts';

const question = { id: 'q', prompt: '?' };
const step = (text: string, p = 0.5): Candidate => ({ text, logps: [Math.log(p)], count: 1, finish: 'step' });
const answer = (text: string): Candidate => ({ text, logps: [-1], count: 1, finish: 'answer' });

/** A root of value −0.5 with a losing child of N = 2 and an unvisited one. */
const losing = () => {
  const tree = createTree(question);
  const rules = svpoSearch({ verifier: () => ({ equivalent: false, how: 'test' }) });
  tell(tree, rules, ask(tree, rules)!, [step('a', 0.6), step('b', 0.4)]);
  tell(tree, rules, ask(tree, rules)!, [answer('no'), answer('never'), step('c')]);
  return tree;
};

describe('first play', () => {
  test.each([
    ['zero hopes for the unseen', firstPlayZero, 0],
    ['parent takes the parent’s value', firstPlayParent, -0.5],
    ['loss fears the unseen', firstPlayLoss, -1],
  ] as const)('%s', (_what, firstPlay, value) => {
    const tree = losing();
    expect(tree.values[0]).toBe(-0.5);
    expect(firstPlay(tree.values[0]!)).toBe(value);
  });

  test('decides between a losing child and an unseen one', () => {
    const tree = losing();
    // a: V = −2/3 and N = 3; b unseen. Without exploration the first-play value alone decides.
    expect(puct({ c: 0, firstPlay: firstPlayZero })(tree, 0)).toBe(2);
    expect(puct({ c: 0, firstPlay: firstPlayParent })(tree, 0)).toBe(2);
    expect(puct({ c: 0, firstPlay: firstPlayLoss })(tree, 0)).toBe(1);
  });
});

describe('selection', () => {
  test('counts visits in flight in both N’s and not in Q', () => {
    const rules = { ...svpoSearch({ c: 1 }), breadth: 3 };
    const tree = createTree(question);
    tell(tree, rules, ask(tree, rules)!, [step('a', 0.5), step('b', 0.4), step('c', 0.3)]);
    tell(tree, rules, ask(tree, rules)!, [step('d'), step('e')]);
    // a has N = 1 and leaves; b is next, and while b is out its virtual visit can't be handed out again.
    const handed = [ask(tree, rules), ask(tree, rules), ask(tree, rules)];
    expect(handed).toEqual([2, 3, 4]);
    expect([...tree.pending.subarray(0, 6)]).toEqual([3, 1, 1, 1, 1, 0]);
    expect(tree.values[0]).toBe(0);
  });

  test.each([
    ['PUCT', puct({ c: 1 })],
    ['normalised PUCT', normalizedPuct()],
    ['UCT', uct()],
  ])('%s turns to the sibling once a leaf below the favourite is out', (_name, select) => {
    const rules = { ...svpoSearch(), select };
    const tree = createTree(question);
    tell(tree, rules, ask(tree, rules)!, [step('a', 0.5), step('b', 0.4)]);
    for (const below of ['c', 'd']) tell(tree, rules, ask(tree, rules)!, [step(`${below} 1`), step(`${below} 2`)]);
    // a and b are alike but for the prior: 0.5 / 2 against 0.4 / 2, and with one out below a, 0.5 / 3 against 0.4 / 2.
    expect([...tree.visits.subarray(0, 3)]).toEqual([3, 1, 1]);
    const leaves = [ask(tree, rules)!, ask(tree, rules)!];
    expect(leaves.map((leaf) => tree.parents[leaf])).toEqual([1, 2]);
  });

  test('UCT tries the unvisited by prior, and c = 0 is greedy', () => {
    const tree = losing();
    expect(uct({ c: 0 })(tree, 0)).toBe(2);
    expect(() => uct({ c: Number.NaN })).toThrow('uct: c must be a finite number ≥ 0, got NaN');
  });

  test('goes by a value model’s estimate before the first visit', () => {
    const { verifier: _verifier, ...rules } = svpoSearch({ c: 0.01 });
    const tree = createTree(question);
    tell(tree, rules, ask(tree, rules)!, [step('a', 0.9), step('b', 0.1)], [-0.5, 0.5]);
    expect(ask(tree, rules)).toBe(2);
    tell(tree, rules, 2, [step('c')], [0.25]);
    // The leaf's own visit is worth its estimate.
    expect([tree.visits[2], tree.values[2], tree.values[0]]).toEqual([1, 0.5, 0.25]);
  });
});

describe('priors', () => {
  const logps = [Math.log(0.5), Math.log(0.125)];
  const candidate: Candidate = { text: 'x', logps, count: 3, finish: 'step' };

  test('are the geometric mean, the product, or the share of draws', () => {
    expect(meanTokenProb(candidate)).toBeCloseTo(0.25, 12);
    expect(sumLogProb(candidate)).toBeCloseTo(0.0625, 12);
    expect(uniformPrior(candidate, [candidate, { ...candidate, count: 1 }])).toBe(0.75);
  });

  test.each([Number.NaN, Number.NEGATIVE_INFINITY])('of a log-prob of %d: an error, and the tree as it was', (logp) => {
    const tree = createTree(question);
    const rules = dvoSearch();
    const leaf = ask(tree, rules)!;
    expect(() => tell(tree, rules, leaf, [candidate, { ...candidate, text: 'y', logps: [-1, logp] }])).toThrow(
      `a candidate's logps must be finite numbers, got [-1,${logp}]`,
    );
    expect(tell(tree, rules, leaf, [candidate])).toBe(true);
  });
});

describe('sumLogProb of steps too long for float32', () => {
  const long = (text: string, tokens: number, logp: number): Candidate => ({
    text,
    logps: new Array<number>(tokens).fill(logp),
    count: 1,
    finish: 'step',
  });

  test('keeps their order, and their ratios where they are near one another', () => {
    // 400 tokens of −1 nat: e^−400 is 0 in float32 and 1.9e-174 in float64.
    const steps = [long('a', 402, -1), long('b', 400, -1), long('c', 600, -1), long('d', 400, -7), long('e', 400, -8)];
    const tree = createTree(question);
    const rules = dvoSearch({ prior: sumLogProb });
    tell(tree, rules, ask(tree, rules)!, steps);
    const [a, b, c, d, e] = tree.priors.subarray(1, 6);
    expect(b).toBe(1);
    expect(a).toBeCloseTo(Math.exp(-2), 7);
    expect(a! > c! && c! > d! && d! > e! && e! > 0).toBe(true);
    expect(ask(tree, rules)).toBe(2);
  });

  test('is one order over the whole range, without a jump where ratios end', () => {
    const below = [0, 1, 68.9, 69, 69.1, 100, 1e3, 1e5].map((nats) => long(`${nats}`, 1, -400 - nats));
    const priors = below.map((step) => Math.fround(sumLogProb(step, below)));
    expect(priors).toEqual(priors.toSorted((x, y) => y - x));
    expect(new Set(priors).size).toBe(priors.length);
    expect(sumLogProb(below[3]!, below) / sumLogProb(below[4]!, below)).toBeLessThan(1.2);
  });
});

describe('unknown options', () => {
  test.each<[string, () => unknown, string]>([
    ['dvoSearch', () => dvoSearch({ betta: 5 } as object), "dvoSearch: unknown option 'betta'"],
    [
      'svpoSearch',
      () => svpoSearch({ iteration: 5 } as object),
      "svpoSearch: unknown option 'iteration' (did you mean 'iterations'?)",
    ],
    [
      'rewards',
      () => dvoSearch({ rewards: { corect: 1 } as object }),
      "dvoSearch rewards: unknown option 'corect' (did you mean 'correct'?)",
    ],
    ['puct', () => puct({ C: 1 } as object), "puct: unknown option 'C' (did you mean 'c'?)"],
    ['uct', () => uct({ k: 1 } as object), "uct: unknown option 'k'"],
    ['normalizedPuct', () => normalizedPuct({ bas: 1 } as object), "normalizedPuct: unknown option 'bas'"],
    [
      'gumbelHalving',
      () => gumbelHalving({ simulations: 4, consider: 2 } as never),
      "gumbelHalving: unknown option 'consider'",
    ],
    ['softBackup', () => softBackup({ betta: 1 } as object), "softBackup: unknown option 'betta'"],
    ['createTree', () => createTree(question, { sed: 1 } as object), "createTree: unknown option 'sed'"],
  ])('of %s are errors', (_name, call, message) => expect(call).toThrow(message));
});

describe('merging', () => {
  test('keeps counts, the first text, and candidates that end differently apart', () => {
    const drawn = [step('a\n'), step('a'), answer('a'), step('b'), step(' a ')];
    expect(mergeCandidates(drawn).map(({ text, count, finish }) => [text, count, finish])).toEqual([
      ['a\n', 3, 'step'],
      ['a', 1, 'answer'],
      ['b', 1, 'step'],
    ]);
  });

  test('a terminal drawn three times weighs three times', () => {
    const tree = createTree(question);
    const rules = dvoSearch({ verifier: (_q, response) => ({ equivalent: response === 'yes', how: 'test' }) });
    tell(tree, rules, ask(tree, rules)!, [answer('yes'), answer('no'), answer('yes '), answer(' yes')]);
    expect([tree.visits[0], tree.values[0]]).toEqual([4, 0.5]);
  });
});

describe('outcomes', () => {
  const cases: [Outcome, Candidate, number | null][] = [
    ['correct', answer('right'), 1],
    ['wrong', answer('wrong'), -1],
    ['undecided', answer('hm'), -1],
    ['cut', { ...step('and th'), finish: 'length' }, -1],
    ['deep', step('on and on'), -1],
    ['unusable', { ...step(''), finish: 'step' }, -1],
    ['unusable', { text: 'x', count: 1, finish: 'error', failure: { kind: 'unparsable', message: '' } }, -1],
    ['unusable', step('x'.repeat(2 ** 18 + 1)), -1],
    ['lost', { text: '', count: 1, finish: 'error', failure: { kind: 'timeout', message: '' } }, null],
    ['lost', { text: '', count: 1, finish: 'error', failure: { kind: 'malformed', message: '' } }, null],
    ['lost', { text: '', count: 1, finish: 'error' }, null],
  ];
  const verifier = (_question: unknown, response: string) => ({
    equivalent: response === 'hm' ? undefined : response === 'right',
    how: 'test',
  });

  test.each(cases)('%s: typed on the node, and worth what the rules say', (outcome, candidate, reward) => {
    const rules = dvoSearch({ verifier, depth: 1 });
    const tree = createTree(question);
    // A leaf whose draws were all lost is asked three times.
    for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) tell(tree, rules, leaf, [candidate]);
    expect(nodeStatus(tree, 1)).toMatchObject({
      kind: 'terminal',
      outcome,
      exhausted: true,
      solved: outcome === 'correct',
    });
    expect([tree.visits[0], tree.values[0]]).toEqual(reward === null ? [0, 0] : [1, reward]);
    const other = { ...rules, rewards: { ...rules.rewards, [outcome]: 0.25 } };
    const again = createTree(question);
    tell(again, other, ask(again, other)!, [candidate]);
    expect([again.visits[0], again.values[0]]).toEqual([1, 0.25]);
  });

  test('no candidates at all are one lost child', () => {
    const tree = createTree(question);
    for (let time = 0; time < 3; time++) tell(tree, testRules, ask(tree, testRules)!, []);
    expect(treeSummary(tree)).toMatchObject({ nodes: 2, outcomes: { lost: 1 }, usage: { requests: 3, failures: 3 } });
  });
});

describe('stop rules', () => {
  test('each stops at its number, and they compose', () => {
    const stop = { ...testRules, stop: maxNodes(40) };
    expect(growTree({ seed: 1, iterations: 1000, inFlight: 0, rules: stop }).size).toBeGreaterThanOrEqual(40);
    expect(growTree({ seed: 1, iterations: 1000, inFlight: 0, rules: stop }).size).toBeLessThan(45);
    const tokens = { ...testRules, stop: maxTokens(100) };
    expect(growTree({ seed: 1, iterations: 1000, inFlight: 0, rules: tokens }).usage.tokens).toBe(100);
    const four = { ...testRules, stop: solved(4) };
    expect(growTree({ seed: 1, iterations: 1000, inFlight: 0, rules: four }).solutions).toBeGreaterThanOrEqual(4);
    const either = { ...testRules, stop: anyOf(maxIterations(7), maxNodes(1000)) };
    expect(growTree({ seed: 1, iterations: 1000, inFlight: 0, rules: either }).iterations).toBe(7);
    const all = { ...testRules, stop: allOf(maxIterations(7), maxIterations(9)) };
    expect(growTree({ seed: 1, iterations: 1000, inFlight: 0, rules: all }).iterations).toBe(9);
    expect(() => allOf()).toThrow('allOf: needs at least one rule');
    expect(() => maxNodes(0)).toThrow('maxNodes: the limit must be a positive integer, got 0');
  });

  test('a search that would walk into terminals for ever is told apart from one that ends', () => {
    const rules = { ...testRules, terminalVisits: 'every' as const, stop: maxIterations(10) };
    const tree = createTree(question);
    tell(tree, rules, ask(tree, rules)!, [answer('x')]);
    expect(ask(tree, rules)).toBeUndefined();
    expect(tree.iterations).toBe(10);
    expect(tree.visits[1]).toBe(10);
  });
});
