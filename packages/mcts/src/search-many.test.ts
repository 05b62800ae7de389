import { contentHash, type Policy, type ProposeRequest, type Verifier } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { dvoSearch, svpoSearch } from './presets.ts';
import { sampleTrajectories } from './sample-trajectories.ts';
import { search, searchMany } from './search-many.ts';
import { treeSummary } from './summary.ts';
import type { Tree } from './tree.ts';

/** Draws from a request's content and seed alone, as a policy must. */
const draw = ({ state, question, seed, count }: ProposeRequest) =>
  Array.from({ length: count }, (_, k) => {
    const hash = Number.parseInt(contentHash([question.id, state.steps, seed, k]).slice(0, 8), 16);
    const answer = hash % 10 < 3 + state.steps.length;
    const text = answer ? `Final Answer: ${hash % 4}` : `step ${hash % 97}\n\n`;
    return { text, logps: [-(hash % 13) / 10, -0.5], count: 1, finish: answer ? 'answer' : 'step' } as const;
  });

const verifier: Verifier = (_question, response) => ({ equivalent: response.endsWith('0'), how: 'test' });

const streamed = (delay: (request: ProposeRequest) => number): Policy => ({
  id: 'streamed',
  propose: async (request) => {
    for (let tick = delay(request); tick > 0; tick--) await Promise.resolve();
    return draw(request);
  },
});
const batched: Policy = {
  id: 'batched',
  propose: async (request) => draw(request),
  proposeMany: async (requests) => requests.map(draw),
};

const questions = Array.from({ length: 9 }, (_, i) => ({ id: `q${i}`, prompt: 'the same prompt' }));
const content = (tree: Tree) => ({
  texts: tree.texts.added,
  parents: [...tree.parents.slice(0, tree.size)],
  visits: [...tree.visits.slice(0, tree.size)],
  values: [...tree.values.slice(0, tree.size)],
  statuses: [...tree.statuses.slice(0, tree.size)],
});

const run = async (policy: Policy, extra: { leaves?: number; trees?: number }) => {
  const trees: Tree[] = [];
  const rules = dvoSearch({ verifier, iterations: 30 });
  for await (const record of searchMany({ questions, policy, rules, seed: 3, ...extra })) {
    if (record.kind === 'tree') trees[record.index] = record.tree;
  }
  return trees.map(content);
};

describe('searchMany', () => {
  test('gives one tree a question, keyed by place and id, though all prompts are equal', async () => {
    const trees = await run(batched, {});
    expect(trees).toHaveLength(9);
    expect(trees[0]).not.toEqual(trees[1]);
  });

  test.each([1, 3])('in order, waves and a stream under any delays give the same trees (%i leaves)', async (leaves) => {
    const expected = await run(batched, { leaves });
    expect(await run(batched, { leaves, trees: 2 })).toEqual(expected);
    expect(
      await run(
        streamed(() => 1),
        { leaves, trees: 1 },
      ),
    ).toEqual(expected);
    expect(
      await run(
        streamed(({ seed }) => seed % 37),
        { leaves, trees: 4 },
      ),
    ).toEqual(expected);
    expect(
      await run(
        streamed(({ seed }) => 40 - (seed % 37)),
        { leaves, trees: 64 },
      ),
    ).toEqual(expected);
  });

  test('reports progress between trees', async () => {
    const waves: number[] = [];
    for await (const record of searchMany({
      questions,
      policy: batched,
      rules: dvoSearch({ verifier, iterations: 4 }),
    })) {
      if (record.kind === 'progress') waves.push(record.requests);
    }
    expect(waves).toEqual([9, 9, 9, 9]);
  });

  test('repeats a question until enough solutions are found', async () => {
    const never: Verifier = () => ({ equivalent: false, how: 'test' });
    const rules = svpoSearch({ verifier: never, iterations: 2 });
    const attempts: number[] = [];
    const repeat = { trees: 3, solutions: 4 };
    for await (const record of searchMany({ questions: questions.slice(0, 1), policy: batched, rules, repeat })) {
      if (record.kind === 'tree') attempts.push(record.attempt);
    }
    expect(attempts).toEqual([0, 1, 2]);
  });

  test('keeps a throwing policy as typed failures, and an abort as an error', async () => {
    const failing: Policy = {
      id: 'failing',
      propose: async () => {
        throw new Error('no route to host');
      },
    };
    const tree = await search({ question: questions[0]!, policy: failing, rules: dvoSearch({ verifier }) });
    expect(treeSummary(tree).outcomes.lost).toBe(1);
    expect(tree.failures.get(1)).toEqual({ kind: 'server', message: 'no route to host' });
    const hanging: Policy = { id: 'hanging', propose: () => new Promise(() => {}) };
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(
      search({ question: questions[0]!, policy: hanging, rules: dvoSearch({ verifier }), signal: aborted }),
    ).rejects.toThrow('enough');
    const later = new AbortController();
    const pending = search({ question: questions[0]!, policy: hanging, rules: dvoSearch(), signal: later.signal });
    later.abort(new Error('stop now'));
    await expect(pending).rejects.toThrow('stop now');
  });

  test('trajectories telescope', async () => {
    const tree = await search({ question: questions[0]!, policy: batched, rules: dvoSearch({ verifier }) });
    const rows = sampleTrajectories(tree);
    expect(rows.length).toBeGreaterThan(4);
    for (const { credits, reward, values } of rows) {
      expect(credits.reduce((a, b) => a + b, 0)).toBeCloseTo(reward - values[0]!, 12);
    }
  });
});
