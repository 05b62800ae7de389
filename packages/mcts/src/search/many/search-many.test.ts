import { contentHash, type Policy, type ProposeRequest, type Verifier } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { sampleTrajectories } from '../../rows/sample-trajectories.ts';
import { dvoSearch, svpoSearch } from '../../rules/presets.ts';
import { uniformPrior } from '../../rules/prior.ts';
import { treeSummary } from '../../tree/summary.ts';
import type { Tree } from '../../tree/tree.ts';
import { search, searchMany } from './search-many.ts';

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

  test('says which setting is out of range', async () => {
    const run = (more: object) => searchMany({ questions, policy: batched, rules: dvoSearch(), ...more }).next();
    await expect(run({ trees: 0 })).rejects.toThrow('searchMany: trees must be an integer in [1, 2147483648], got 0');
    await expect(run({ leaves: 256 })).rejects.toThrow('searchMany: leaves must be an integer in [1, 255], got 256');
    await expect(run({ repeat: { trees: 2, solutions: 0.5 } })).rejects.toThrow('repeat.solutions must be an integer');
    await expect(run({ seed: 0.5 })).rejects.toThrow('createTree: seed must be a safe integer, got 0.5');
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

  test.each(['waves', 'stream'] as const)(
    'counts a solution that comes again once, and says which tree is the last (%s)',
    async (schedule) => {
      const rules = svpoSearch({
        verifier: () => ({ equivalent: true, how: 'test' }),
        iterations: 1,
        prior: uniformPrior,
      });
      const says = (texts: (seed: number) => readonly string[]): Policy => ({
        id: 'says',
        propose: async ({ seed }) => texts(seed).map((text) => ({ text, count: 1, finish: 'answer' })),
      });
      const run = async (policy: Policy): Promise<boolean[]> => {
        const lasts: boolean[] = [];
        const options = {
          questions: questions.slice(0, 1),
          policy,
          rules,
          schedule,
          repeat: { trees: 4, solutions: 2 },
        };
        for await (const record of searchMany(options)) if (record.kind === 'tree') lasts.push(record.last);
        return lasts;
      };
      expect(await run(says(() => ['It is 5.']))).toEqual([false, false, false, true]);
      expect(await run(says(() => ['It is 5.', 'So 5.']))).toEqual([true]);
      expect(await run(says((seed) => [`It is 5, ${seed}.`]))).toEqual([false, true]);
    },
  );

  test('throws what an abort gives', async () => {
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

describe('a policy that misbehaves', () => {
  const question = questions[0]!;
  const rules = dvoSearch({ verifier });
  const outcomes = async (policy: Policy, schedule: 'waves' | 'stream') => {
    const tree = await search({ question, policy, rules, schedule, leaves: 2 });
    return [treeSummary(tree).outcomes, [...tree.failures.values()].map(({ kind, message }) => `${kind}: ${message}`)];
  };

  const bug = new TypeError('candidates.map is not a function');
  const thrown = async (policy: Policy, schedule: 'waves' | 'stream', own: object = {}): Promise<Error> =>
    search({ question, policy, rules: { ...rules, ...own }, schedule }).then(
      () => new Error('nothing was thrown'),
      (error) => error,
    );

  test.each(['waves', 'stream'] as const)(
    'by a bug ends the search, which names the question (%s)',
    async (schedule) => {
      const broken: Policy = {
        id: 'broken',
        propose: async () => {
          throw bug;
        },
      };
      const error = await thrown(broken, schedule);
      expect(error.message).toMatch(
        /^searchMany: question 'q0': the policy 'broken' threw TypeError: candidates\.map is not a function \(a server/,
      );
      expect(error.cause).toBe(bug);
      const judged = await thrown(batched, schedule, {
        verifier: () => {
          throw bug;
        },
      });
      expect(judged.message).toBe("searchMany: question 'q0': TypeError: candidates.map is not a function");
      expect(judged.cause).toBe(bug);
      const priced = await thrown(batched, schedule, { prior: () => JSON.parse('{') });
      expect(priced.message).toMatch(/^searchMany: question 'q0': SyntaxError: /);
      const valued = await search({
        question,
        policy: batched,
        rules,
        schedule,
        valueModel: {
          id: 'bad',
          values: async () => {
            throw bug;
          },
        },
      }).catch((one) => one);
      expect(valued.message).toMatch(/^searchMany: question 'q0': the value model 'bad' threw TypeError/);
    },
  );

  test('by answering fewer than it was asked is an error', async () => {
    const few: Policy = { ...batched, proposeMany: async (requests) => requests.slice(1).map(draw) };
    await expect(
      (async () => {
        for await (const _ of searchMany({ questions, policy: few, rules }));
      })(),
    ).rejects.toThrow(
      "searchMany: questions 'q0', 'q1', 'q2' and 6 more: the policy 'batched': proposeMany gave 8 answers to 9 requests",
    );
  });

  test('is not the question’s fault: one without an answer, where the judge needs one, is refused before anything is asked', async () => {
    let asked = 0;
    const counting: Policy = {
      id: 'counting',
      propose: async (request) => {
        asked++;
        return draw(request);
      },
    };
    const needy = Object.assign(verifier.bind(undefined), { id: 'needy', needsAnswer: true });
    for (const answer of [undefined, '', ' \n']) {
      const without = { ...question, ...(answer === undefined ? {} : { answer }) };
      await expect(
        search({ question: without, policy: counting, rules: { ...rules, verifier: needy } }),
      ).rejects.toThrow("searchMany: question 'q0': rules.verifier (needy) compares with question.answer, got none");
    }
    const numeric = { ...question, answer: 5 } as unknown as typeof question;
    await expect(search({ question: numeric, policy: counting, rules: { ...rules, verifier: needy } })).rejects.toThrow(
      'compares with question.answer, which must be text, got 5',
    );
    expect(asked).toBe(0);
  });

  test('is no rule that nobody reads: a name misspelled in rules or rewards is refused', async () => {
    const policy: Policy = { id: 'p', propose: async (request) => draw(request) };
    const misspelled = { ...rules, dephts: 3 } as typeof rules;
    await expect(search({ question, policy, rules: misspelled })).rejects.toThrow("unknown option 'dephts'");
    const rewarded = { ...rules, rewards: { ...rules.rewards, corect: 2 } } as typeof rules;
    await expect(search({ question, policy, rules: rewarded })).rejects.toThrow("did you mean 'correct'?");
  });

  test.each([
    ['nothing', undefined],
    ['one number', 0.5],
    ['too few', []],
    ['no number', [Number.NaN]],
  ])('is a value model that gives %s', async (_, given) => {
    const policy: Policy = { id: 'p', propose: async (request) => draw(request) };
    const valueModel = { id: 'v', values: async () => given as never };
    await expect(search({ question, policy, rules, valueModel })).rejects.toThrow(
      /^searchMany: question 'q0': the value model 'v' must give \d+ finite values, got /,
    );
  });

  test('by carrying a failure in what it throws keeps that failure', async () => {
    const limited: Policy = {
      id: 'limited',
      propose: async () => {
        throw Object.assign(new Error('slow down'), { failure: { kind: 'rate-limit', message: '429' } });
      },
    };
    expect((await outcomes(limited, 'stream'))[1]).toEqual(['rate-limit: 429']);
    expect((await outcomes(limited, 'waves'))[1]).toEqual(['rate-limit: 429']);
    for (const [name, kind] of [
      ['AbortError', 'cancelled'],
      ['TimeoutError', 'timeout'],
    ] as const) {
      const gone: Policy = {
        id: 'gone',
        propose: async () => {
          throw new DOMException('gone', name);
        },
      };
      expect((await outcomes(gone, 'stream'))[1]).toEqual([`${kind}: gone`]);
    }
  });

  test('by answering after the search was left changes nothing', async () => {
    let late: (() => void) | undefined;
    const slow: Policy = {
      id: 'slow',
      propose: (request) =>
        new Promise((resolve) => {
          if (request.question.id === 'q1') late = () => resolve(draw(request));
          else resolve(draw(request));
        }),
    };
    const records = searchMany({ questions: questions.slice(0, 2), policy: slow, rules });
    for await (const record of records) if (record.kind === 'tree') break;
    late?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await records.next()).toEqual({ done: true, value: undefined });
  });
});

test('hundreds of requests in flight put one listener on the signal', async () => {
  const controller = new AbortController();
  let added = 0;
  const { addEventListener } = AbortSignal.prototype;
  AbortSignal.prototype.addEventListener = function (...all: Parameters<typeof addEventListener>) {
    added++;
    return addEventListener.apply(this, all);
  };
  try {
    for await (const _record of searchMany({
      questions,
      policy: streamed(() => 2),
      rules: dvoSearch({ verifier }),
      leaves: 20,
      signal: controller.signal,
    }));
  } finally {
    AbortSignal.prototype.addEventListener = addEventListener;
  }
  expect(added).toBe(1);
});
