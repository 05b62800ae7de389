import type { Candidate, Policy, ProposeRequest, ValueModel } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { dvoSearch, svpoSearch } from '../rules/presets.ts';
import { uniformPrior } from '../rules/prior.ts';
import { search } from '../search/many/search-many.ts';
import { bestOfN } from './samples/best-of-n.ts';
import { bestResponse } from './samples/best-response.ts';
import { sampleResponses } from './samples/sample-responses.ts';
import { majorityVote, weightedVote } from './samples/votes.ts';
import { stepBeamSearch } from './step-beam-search.ts';

const question = { id: 'q', prompt: 'Write three letters: ' };

/** Draws letters of a, b, c by the seed; the third is an answer. */
const letters = ({ state, count, seed }: ProposeRequest): Candidate[] =>
  Array.from({ length: count }, (_, k) => ({
    text: 'abc'[(seed >>> (2 * k)) % 3]!,
    tokenIds: [1],
    logps: [-1],
    count: 1,
    finish: state.steps.length === 2 ? 'answer' : 'step',
  }));
const policy: Policy = {
  id: 'letters',
  propose: async (request) => letters(request),
  proposeMany: async (requests) => requests.map(letters),
};
/** How many c's: exact, so that beams find ccc where they can. */
const valueModel: ValueModel = {
  id: 'c',
  values: async (states) => states.map(({ state }) => state.steps.filter((step) => step === 'c').length / 3),
};
const failing: Policy = {
  id: 'failing',
  propose: async () => [{ text: '', count: 1, finish: 'error', failure: { kind: 'server', message: 'down' } }],
};

describe('stepBeamSearch', () => {
  test('finds what the value model wants, and counts requests, draws, tokens and estimates', async () => {
    const { best, responses, cost } = await stepBeamSearch({
      question,
      policy,
      valueModel,
      beams: 2,
      samples: 8,
      seed: 1,
    });
    expect([best?.text, best?.score, best?.finished]).toEqual(['ccc', 1, true]);
    expect(responses).toHaveLength(2);
    expect(cost).toMatchObject({ requests: 5, candidates: 40, tokens: 40, failures: 0 });
    expect(cost.estimates).toBeLessThanOrEqual(15);
  });

  test('SBS(1, 1) is a plain sample: one request a step', async () => {
    const { responses, cost } = await stepBeamSearch({ question, policy, valueModel, beams: 1, samples: 1 });
    expect(responses).toHaveLength(1);
    expect(cost.requests).toBe(3);
  });

  test('is repeated by its seed', async () => {
    const run = (seed: number) => stepBeamSearch({ question, policy, valueModel, beams: 3, samples: 2, seed });
    expect(await run(4)).toEqual(await run(4));
    expect((await run(4)).responses).not.toEqual((await run(5)).responses);
  });

  test('ends at the depth limit, and with typed failures', async () => {
    const short = await stepBeamSearch({ question, policy, valueModel, depth: 2 });
    expect(short.best).toMatchObject({ finished: false, text: 'cc' });
    const down = await stepBeamSearch({ question, policy: failing, valueModel });
    expect(down).toMatchObject({ best: undefined, responses: [], cost: { requests: 3, lost: 3 } });
    expect(down.lost).toMatchObject([{ steps: [], finished: false, failure: { kind: 'server', message: 'down' } }]);
    await expect(stepBeamSearch({ question, policy, valueModel, beams: 0 })).rejects.toThrow(
      'beams must be a positive integer, got 0',
    );
  });
});

test('a step that was cut off takes no place in the beam while another can go on', async () => {
  const cutOff: Policy = {
    id: 'cut',
    propose: async ({ state }) => [
      { text: 'c', count: 1, finish: 'length' },
      { text: 'a', count: 1, finish: state.steps.length === 2 ? 'answer' : 'step' },
    ],
  };
  const { best, responses } = await stepBeamSearch({ question, policy: cutOff, valueModel, beams: 1 });
  expect([best?.text, best?.finished, responses.length]).toEqual(['aaa', true, 1]);
  const only: Policy = { id: 'only', propose: async () => [{ text: 'c', count: 1, finish: 'length' }] };
  expect((await stepBeamSearch({ question, policy: only, valueModel })).best).toMatchObject({
    text: 'c',
    finished: false,
  });
});

test('responses without a score come after those that have one, in the order they were drawn', async () => {
  const mixed: Policy = {
    id: 'mixed',
    propose: async ({ seed }) => [
      { text: `${seed % 5}`, count: 1, finish: 'answer', ...(seed % 2 === 0 ? { logps: [-(seed % 5) - 1] } : {}) },
    ],
  };
  const scores = (await sampleResponses({ question, policy: mixed, count: 40, seed: 1 })).responses.map(
    ({ score }) => score,
  );
  const scored = scores.filter((score) => !Number.isNaN(score));
  expect(scored.length).toBeGreaterThan(5);
  expect(scores.slice(0, scored.length)).toEqual(scored.toSorted((a, b) => b - a));
});

describe('sampleResponses and bestOfN', () => {
  test('draw whole responses with streams of their own', async () => {
    const { responses, cost } = await sampleResponses({ question, policy, count: 60, seed: 2 });
    expect(new Set(responses.map(({ text }) => text)).size).toBeGreaterThan(15);
    expect(responses.every(({ finished, score }) => finished && score === -1)).toBe(true);
    expect(cost).toEqual({ requests: 180, candidates: 180, tokens: 180, failures: 0, lost: 0, estimates: 0 });
    // The first ten of sixty are the ten of ten: a response does not depend on how many others there are.
    const ten = await sampleResponses({ question, policy, count: 10, seed: 2 });
    expect(ten.responses).toEqual(responses.slice(0, 10));
  });

  test('the best is the value model’s, over finished responses first', async () => {
    const { best, responses, cost } = await bestOfN({ question, policy, valueModel, count: 80, seed: 3 });
    expect(best?.text).toBe('ccc');
    expect(responses.map(({ score }) => score)).toEqual(responses.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(cost.estimates).toBe(80);
    const down = await bestOfN({ question, policy: failing, count: 2 });
    expect(down).toMatchObject({ best: undefined, responses: [], cost: { requests: 6, candidates: 6, lost: 6 } });
    expect(down.lost).toMatchObject([{ failure: { kind: 'server' } }, { failure: { kind: 'server' } }]);
    const judged = await bestOfN({ question, policy: failing, valueModel, count: 2 });
    expect(judged).toMatchObject({ best: undefined, responses: [], cost: { estimates: 0, lost: 6 } });
    await expect(bestOfN({ question, policy, count: 0 })).rejects.toThrow('count must be a positive integer, got 0');
  });
});

test.each([
  ['NaN', async (states: readonly unknown[]) => states.map(() => Number.NaN), 'got NaN'],
  ['too few values', async () => [1], 'got 1 values'],
] as const)('a value model that gives %s is an error, not a ranking', async (_what, values, message) => {
  const broken: ValueModel = { id: 'broken', values };
  await expect(bestOfN({ question, policy, valueModel: broken, count: 4 })).rejects.toThrow(
    `bestOfN: the value model must give 4 finite values, ${message}`,
  );
  await expect(stepBeamSearch({ question, policy, valueModel: broken, samples: 6, seed: 1 })).rejects.toThrow(
    /^stepBeamSearch: the value model must give \d finite values, got /,
  );
});

describe('votes', () => {
  test('count classes, not spellings, where the caller says what is the same', () => {
    const same = (a: string, b: string) => Number(a) === Number(b);
    expect(majorityVote(['0.5', '3', '1/2', '.5'], { same }).rows).toEqual([0, 3]);
    expect(majorityVote(['2', '1', '1', '2']).answer).toBe('2');
    expect(majorityVote([undefined, undefined])).toEqual({ answer: undefined, weight: 0, share: 0, rows: [] });
  });

  test('of equal weights are majority votes, and a weight of 0 is no vote', () => {
    const answers = ['1', '2', '2', '3'];
    expect(weightedVote(answers, [1, 1, 1, 1])).toEqual(majorityVote(answers));
    expect(weightedVote(answers, [1, 0, 0, 0.5])).toMatchObject({ answer: '1', share: 2 / 3 });
    expect(() => weightedVote(answers, [1])).toThrow('weights must have one number an answer, got 1 for 4');
    expect(() => weightedVote(answers, [1, 1, -1, 1])).toThrow('weights must be finite numbers ≥ 0, got -1');
  });
});

describe('MCTS at inference', () => {
  test('with a value model and no verifier: answers are worth what it says', async () => {
    const rules = svpoSearch({ iterations: 40, prior: uniformPrior });
    const tree = await search({ question, policy, valueModel, rules, seed: 1 });
    const { best, responses, cost } = bestResponse(tree);
    expect(best?.finished).toBe(true);
    expect(bestResponse(tree, { by: 'value' }).best?.text).toBe('ccc');
    expect(cost).toEqual(tree.usage);
    expect(cost.estimates).toBeGreaterThan(0);
    const scores = responses.slice(1).map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  test('of a value model that lies is an error; of one whose server fails, a lost answer', async () => {
    const rules = dvoSearch({ iterations: 3, prior: uniformPrior });
    const nan: ValueModel = { id: 'nan', values: async (states) => states.map(() => Number.NaN) };
    await expect(search({ question, policy, valueModel: nan, rules })).rejects.toThrow(
      "searchMany: question 'q': the value model 'nan' must give 5 finite values, got NaN",
    );
    const short: ValueModel = { id: 'short', values: async () => [1] };
    await expect(search({ question, policy, valueModel: short, rules })).rejects.toThrow(
      "the value model 'short' must give 5 finite values, got 1 values",
    );
    const down: ValueModel = {
      id: 'down',
      values: async () => {
        throw Object.assign(new Error('503'), { failure: { kind: 'server', message: '503' } });
      },
    };
    const tree = await search({ question, policy, valueModel: down, rules });
    expect(tree.failures.get(1)).toEqual({ kind: 'server', message: 'value model: 503' });
    expect(tree.usage).toMatchObject({ requests: 3, candidates: 15, lost: 15, estimates: 0 });
    expect(bestResponse(tree)).toMatchObject({
      best: undefined,
      responses: [],
      lost: [{ failure: { kind: 'server' } }],
    });
  });
});
