/** A model on a server proposes and scores as the same model does here. */
import { readFileSync } from 'node:fs';
import { blankLineFormat, initialState, transition } from '@svo/mdp';
import { localPolicy, type TokenizerJson, tokenizerFromJson } from '@svo/models';
import { tf } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import type { TokenRow } from '../model/datum.ts';
import { tinkerPolicy } from '../policy/tinker-policy.ts';
import { tinkerScorer } from '../policy/tinker-scorer.ts';
import { useWasm, withServer } from '../test-support/setting.ts';

beforeAll(useWasm);

const question = { id: 'q', prompt: '1+2=?\n\n', answer: '3' };
const format = { ...blankLineFormat, stop: ['\n', '7'] };

test.each(['ends', 'texts'] as const)(
  'the likeliest step is the one of a policy here (stopped at %s)',
  async (stopAt) => {
    await withServer({}, async (server, service) => {
      const { lm, params, tokenizer } = server;
      const sampler = service.sampler({ baseModel: server.baseModel });
      const own = { tokenizer, format, maxTokens: 12, id: 'x', topK: 1 };
      const [there, here] = [tinkerPolicy({ ...own, sampler, stopAt }), localPolicy({ ...own, lm, params })];
      let state = initialState(question);
      const finishes = new Set<string>();
      for (let depth = 0; depth < 6; depth++) {
        const [remote] = await there.propose({ question, state, count: 3, seed: depth });
        const [local] = await here.propose({ question, state, count: 3, seed: depth });
        expect({ ...remote, logps: 0 }).toEqual({ ...local, logps: 0 });
        for (const [t, logp] of remote!.logps!.entries()) expect(Math.abs(logp - local!.logps![t]!)).toBeLessThan(1e-5);
        finishes.add(remote!.finish);
        if (remote!.text === '') break;
        state = transition(state, remote!.text);
      }
      expect(finishes.size).toBeGreaterThan(0);
    });
  },
);

test('draws are the seed’s, differ between seeds, and add up to what was asked', async () => {
  await withServer({}, async (server, service) => {
    const sampler = service.sampler({ baseModel: server.baseModel });
    const policy = tinkerPolicy({ sampler, tokenizer: server.tokenizer, format, maxTokens: 6, id: 'x' });
    const ask = (seed: number) => policy.propose({ question, state: initialState(question), count: 8, seed });
    const [first, again, other] = [await ask(2 ** 40 + 7), await ask(2 ** 40 + 7), await ask(5)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    for (const drawn of [first, other]) expect(drawn.reduce((all, { count }) => all + count, 0)).toBe(8);
    for (const { text, tokenIds } of first) if (tokenIds) expect(server.tokenizer.continuation(tokenIds)).toBe(text);
  });
});

test('steps are scored as the model here scores them', async () => {
  await withServer({}, async (server, service) => {
    const { lm, params, tokenizer } = server;
    const model = await service.createModel({ baseModel: server.baseModel, rank: 2 });
    const scorer = tinkerScorer({ model, tokenizer, id: 'base' });
    const steps = ['1+2=3\n', '3\n\n', '3'];
    const requests = [0, 1, 3].map((n) => ({ question, state: { questionId: 'q', steps: steps.slice(0, n) } }));
    const scores = await scorer.score(requests);
    const { bosId } = tokenizer;
    const pieces = [question.prompt, ...steps].map((text) => tokenizer.encode(text));
    if (bosId !== undefined) pieces[0]!.unshift(bosId);
    const logps = Array.from(lm.tokenLogps(params, tf.tensor2d([pieces.flat()], undefined, 'int32')).dataSync());
    let at = pieces[0]!.length;
    const expected = pieces.slice(1).map(({ length }) => {
      at += length;
      return logps.slice(at - length, at).reduce((sum, logp) => sum + logp, 0);
    });
    for (const [i, n] of [0, 1, 3].entries()) {
      expect(scores[i]!.logps.length).toBe(n);
      for (const [t, logp] of scores[i]!.logps.entries()) expect(Math.abs(logp - expected[t]!)).toBeLessThan(1e-4);
    }
  });
});

test('a step that would be a beginning by itself is read as the middle of a text', async () => {
  const golden = new URL('../../../../test/golden/tokenizers/tokenizers.json', import.meta.url);
  const kinds: { name: string; tokenizer: TokenizerJson; rows: { text: string }[] }[] = JSON.parse(
    readFileSync(golden, 'utf8'),
  );
  const { tokenizer: json, rows } = kinds.find(({ name }) => name === 'BPE with byte fallback, Llama 2')!;
  const llama = tokenizerFromJson(json);
  const asked = { id: 'q', prompt: `${rows[0]!.text}\n` };
  const steps = ['the end.\n', 'and so on'];
  const state = { questionId: 'q', steps };
  const whole = llama.encode(asked.prompt + steps.join(''));
  const read: number[][] = [];
  const sampler = { name: 'none', promptLogps: async () => new Float32Array(), logps: async () => [] };
  const policy = tinkerPolicy({
    sampler: { ...sampler, sample: async (ids) => [read.push([...ids])].flatMap(() => []) },
    ...{ tokenizer: llama, format, maxTokens: 4, id: 'x' },
  });
  await policy.propose({ question: asked, state, count: 1, seed: 1 });
  expect(read[0]!.slice(-whole.length)).toEqual(whole);
  expect(llama.encode(steps[0]!)).not.toEqual(
    whole.slice(llama.encode(asked.prompt).length).slice(0, llama.encode(steps[0]!).length),
  );
  // The scorer reads the same ids, and gives every step its own.
  const logps = async (data: readonly TokenRow[]) => data.map((row) => Float32Array.from(row, () => -1));
  const [score] = await tinkerScorer({ model: { logps }, tokenizer: llama, id: 'x' }).score([
    { question: asked, state },
  ]);
  const of = (text: string) => llama.encode(text).length;
  const first = of(asked.prompt + steps[0]) - of(asked.prompt);
  expect(score!.logps).toEqual([-first, -(of(asked.prompt + steps.join('')) - of(asked.prompt) - first)]);
});

test('what goes wrong is a failure on the candidate, and a defect is thrown', async () => {
  await withServer({ faults: ({ path }) => (path === 'asample' ? 'fail' : undefined) }, async (server, service) => {
    const { tokenizer } = server;
    const sampler = service.sampler({ baseModel: server.baseModel });
    const policy = tinkerPolicy({ sampler, tokenizer, format, maxTokens: 4, id: 'x' });
    const state = initialState(question);
    const [candidate] = await policy.propose({ question, state, count: 3, seed: 1 });
    expect(candidate).toMatchObject({ count: 3, finish: 'error', failure: { kind: 'refused' } });
    const other = { ...question, id: 'other' };
    await expect(policy.propose({ question: other, state, count: 1, seed: 1 })).rejects.toThrow("got 'q'");
    const cancelled = await policy.propose({ question, state, count: 1, seed: 1 }, AbortSignal.abort());
    expect(cancelled[0]!.failure!.kind).toBe('cancelled');
  });
});
