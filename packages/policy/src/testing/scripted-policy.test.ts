import type { ProposeRequest } from '@svo/mdp';
import { gsm8kFormat } from '@svo/mdp';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countOf } from '../wrappers/candidates.ts';
import { scriptedPolicy } from './scripted-policy.ts';

const ask = (count: number, steps: string[] = []): ProposeRequest => ({
  question: { id: 'q', prompt: 'P' },
  state: { questionId: 'q', steps },
  count,
  seed: 0,
});

it('says the lines of the state in turn, from the start again when they run out', async () => {
  const policy = scriptedPolicy({ '': ['a\n\n', 'b\n\n'], 'a\n\n': ['Final Answer: 5'] });
  expect((await policy.propose(ask(3))).map(({ text }) => text)).toEqual(['a\n\n', 'b\n\n', 'a\n\n']);
  expect(await policy.propose(ask(1, ['a\n\n']))).toEqual([{ text: 'Final Answer: 5', count: 1, finish: 'answer' }]);
});

it('stands for as many draws as were asked for, whatever the counts in the script', async () => {
  const lines = fc.array(
    fc.integer({ min: 1, max: 4 }).map((count) => ({ text: 'a', count, finish: 'step' as const })),
    { minLength: 1 },
  );
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 20 }), async (list, count) => {
      expect(countOf(await scriptedPolicy({ '': list }).propose(ask(count)))).toBe(count);
    }),
  );
});

it('fails as a value where it has no line, for names of Object’s own too', async () => {
  for (const steps of [['elsewhere'], ['constructor'], ['__proto__']]) {
    const [candidate] = await scriptedPolicy({}).propose(ask(2, steps));
    expect(candidate).toMatchObject({ count: 2, finish: 'error', failure: { kind: 'refused' } });
  }
});

it('heeds a cancellation, a format and a function', async () => {
  const policy = scriptedPolicy(({ count }) => [`#### ${count}`], { format: gsm8kFormat, id: 'mine' });
  expect(await policy.propose(ask(2))).toMatchObject([{ text: '#### 2', finish: 'answer' }, { text: '#### 2' }]);
  expect((await policy.propose(ask(2), AbortSignal.abort()))[0]!.failure?.kind).toBe('cancelled');
  expect(policy.id).toBe('mine');
  expect(await policy.proposeMany!([ask(1), ask(2)])).toEqual([
    await policy.propose(ask(1)),
    await policy.propose(ask(2)),
  ]);
});

it('refuses a line that stands for nothing', async () => {
  const nothing = scriptedPolicy({ '': [{ text: 'a', count: 0, finish: 'step' }] });
  await expect(nothing.propose(ask(1))).rejects.toThrow('count must be >= 1, got 0');
});
