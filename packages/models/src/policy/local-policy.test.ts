import { quantizeRows, storedMatrix } from '@svo/files';
import { gsm8kFormat, initialState, type ProposeRequest, transition } from '@svo/mdp';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyLora, initLora } from '../decoder/lora.ts';
import { idTensor, largestGap, randomised, smallLm } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { wordTokenizer } from '../tokenizer/word-tokenizer.ts';
import { weightsDigest } from './local-id.ts';
import { type LocalPolicyOptions, localPolicy } from './local-policy.ts';

const tokenizer = characterTokenizer('0123456789+#? \n');
const lm = smallLm({ vocab_size: tokenizer.vocabularySize, eos_token_id: tokenizer.eosId! });
const requests = (count: number): ProposeRequest[] =>
  Array.from({ length: count }, (_, i) => {
    const question = { id: `q${i % 3}`, prompt: `${i % 3}+${'1'.repeat(i % 3)}?\n` };
    const state = i % 2 === 0 ? initialState(question) : transition(initialState(question), `${i}\n`);
    return { question, state, count: 4 + (i % 2), seed: 10 * i };
  });
const policyWith = async (change: Partial<LocalPolicyOptions> = {}) => {
  await useBackend('cpu');
  return localPolicy({
    lm,
    params: randomised(lm.init(1), 9),
    tokenizer,
    format: gsm8kFormat,
    maxTokens: 6,
    id: 'small',
    ...change,
  });
};

beforeAll(async () => {
  await useBackend('cpu');
});

describe('localPolicy', () => {
  test('a request’s candidates do not depend on the others of the call, bit for bit', async () => {
    const policy = await policyWith();
    const all = await policy.proposeMany!(requests(7));
    for (const [index, request] of requests(7).entries()) expect(await policy.propose(request)).toEqual(all[index]);
    expect((await policy.proposeMany!(requests(7).toReversed())).toReversed()).toEqual(all);
    expect(await (await policyWith({ batchRows: 3 })).proposeMany!(requests(7))).toEqual(all);
  });

  test('its id tells apart weights and how they are drawn from, and nothing else', async () => {
    const params = randomised(lm.init(1), 9);
    const { id } = await policyWith({ params });
    expect(id).toMatch(/^small:[0-9a-f]{12}$/);
    expect((await policyWith({ params: randomised(lm.init(1), 9), batchRows: 2 })).id).toBe(id);
    const moved = { ...params, 'model.norm.weight': tf.add(params['model.norm.weight']!, 1e-6) };
    const others = [{ params: moved }, { temperature: 0.7 }, { topK: 2 }, { topP: 0.5 }, { maxTokens: 7 }, { id: 'b' }];
    const ids = await Promise.all(others.map(async (change) => (await policyWith({ params, ...change })).id));
    expect(new Set([id, ...ids]).size).toBe(others.length + 1);
  });

  test('its id tells apart a single weight anywhere, the adapters’ scale, the rotation, the tokenizer and what ends a step', async () => {
    const params = randomised(lm.init(1), 9);
    const adapters = randomised(initLora(lm, { rank: 2, alpha: 4 }, 1), 3);
    const scaled = (alpha: number) =>
      policyWith({ lm: applyLora(lm, { rank: 2, alpha }), params: { ...params, ...adapters } });
    const table = params['model.embed_tokens.weight']!;
    const last = tf.tensor(
      table.dataSync().map((x, at) => (at === table.size - 1 ? x + 1 : x)),
      table.shape,
    );
    const turned = smallLm({ ...lm.config, rope_theta: 500 });
    const longer = { ...gsm8kFormat, id: 'gsm8k, other end' };
    const spelled = characterTokenizer('9123456780+#? \n');
    const others = [
      policyWith({ params }),
      policyWith({ params: { ...params, 'model.embed_tokens.weight': last } }),
      policyWith({ params, lm: turned }),
      policyWith({ params, format: longer }),
      policyWith({ params, tokenizer: spelled }),
      ...[scaled(4), scaled(8)],
    ];
    const ids = (await Promise.all(others)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(others.length);
    // What is said by default is no other policy.
    expect((await policyWith({ params, temperature: 1, topP: 1 })).id).toBe(ids[0]);
  });

  test('its id tells frozen matrices apart; a digest tells weights apart', async () => {
    const params = randomised(lm.init(1), 9);
    const withFrozen = (bytes: Uint8Array) =>
      policyWith({
        params,
        lm: { ...lm, decoder: { ...lm.decoder, frozen: { 'lm_head.weight': storedMatrix(bytes, 'Q8_0', [2, 32]) } } },
      });
    const bytes = quantizeRows(
      Float32Array.from({ length: 64 }, (_, i) => i),
      32,
      'Q8_0',
    );
    const { id } = await withFrozen(bytes);
    expect((await withFrozen(bytes.slice())).id).toBe(id);
    expect((await withFrozen(bytes.map((byte, i) => byte + Number(i === 34)))).id).not.toBe(id);
    expect((await policyWith({ params })).id).not.toBe(id);
    const digest = await weightsDigest(params);
    expect(digest).toMatch(/^[0-9a-f]{12}$/);
    expect(await weightsDigest(randomised(lm.init(1), 9))).toBe(digest);
    const moved = { ...params, 'model.norm.weight': tf.add(params['model.norm.weight']!, 1e-6) };
    expect(await weightsDigest(moved)).not.toBe(digest);
  });

  test('counts add up to what was asked for, and equal texts are merged', async () => {
    const policy = await policyWith({ temperature: 0.2 });
    for (const [index, candidates] of (await policy.proposeMany!(requests(6))).entries()) {
      expect(candidates.reduce((total, { count }) => total + count, 0)).toBe(requests(6)[index]!.count);
      expect(new Set(candidates.map(({ text, finish }) => `${finish}:${text}`)).size).toBe(candidates.length);
    }
    const [greedy] = await (await policyWith({ temperature: 0 })).proposeMany!(requests(1));
    expect(greedy).toMatchObject([{ count: 4 }]);
  });

  test('tokens, log-probs and text belong together', async () => {
    const params = randomised(lm.init(1), 9);
    const policy = await policyWith({ params, temperature: 1.5, topP: 0.9 });
    const [request] = requests(4).slice(3);
    const prompt = [tokenizer.bosId!, ...tokenizer.encode(request!.question.prompt + request!.state.steps.join(''))];
    for (const { text, tokenIds, logps } of await policy.propose(request!)) {
      expect(tokenizer.decode(tokenIds!)).toBe(text);
      const expected = lm
        .tokenLogps(params, idTensor([[...prompt, ...tokenIds!]]))
        .dataSync()
        .slice(prompt.length);
      expect(largestGap(logps!, expected)).toBeLessThan(1e-4);
    }
  });

  test('a step cut inside a token has no ids, and what was drawn is what is read again', async () => {
    // Tokens of two characters: a stop string may end in the middle of one.
    const pairs = wordTokenizer({ words: ['1', '2', '\n', '\n1', '\n2', '12', '?'], pattern: '\n[12]|12|[\\s\\S]' });
    const small = smallLm({ vocab_size: pairs.vocabularySize, eos_token_id: pairs.eosId! });
    const params = randomised(small.init(1), 3);
    const policy = await policyWith({ lm: small, params, tokenizer: pairs, maxTokens: 4, temperature: 2 });
    const pair = { id: 'q', prompt: '1?' };
    const first = await policy.propose({ question: pair, state: initialState(pair), count: 60, seed: 5 });
    const cut = first.filter(({ tokenIds }) => tokenIds === undefined);
    expect(cut.length).toBeGreaterThan(0);
    for (const { text, logps } of cut) expect([text.endsWith('\n'), logps]).toEqual([true, undefined]);
    // Drawn as '1', '2', which encoding would join to '12': the model continues what it drew.
    const draw = { tokenIds: [...pairs.encode('1'), ...pairs.encode('2')], logps: [-1, -2] };
    expect(draw.tokenIds).not.toEqual(pairs.encode('12'));
    const state = { questionId: 'q', steps: ['12'], draws: [draw] };
    const prefix = [pairs.bosId!, ...pairs.encode(pair.prompt), ...draw.tokenIds];
    for (const { tokenIds, logps } of await policy.propose({ question: pair, state, count: 8, seed: 2 })) {
      if (!tokenIds) continue;
      const expected = small
        .tokenLogps(params, idTensor([[...prefix, ...tokenIds]]))
        .dataSync()
        .slice(prefix.length);
      expect(largestGap(logps!, expected)).toBeLessThan(1e-4);
    }
  });

  test('how a candidate ends', async () => {
    const many = { count: 400, seed: 1, question: { id: 'q', prompt: '1?\n' }, state: { questionId: 'q', steps: [] } };
    const seen = new Set<string>();
    for (const { text, tokenIds, finish, failure } of await (await policyWith({ params: lm.init(3) })).propose(many)) {
      const ended = tokenIds!.at(-1) === tokenizer.eosId;
      seen.add(finish);
      if (text === '') expect([finish, failure?.kind]).toEqual(['error', 'unparsable']);
      else if (ended) expect(finish).toBe('answer');
      else if (text.endsWith('\n')) expect(finish).toBe(gsm8kFormat.isTerminal(text) ? 'answer' : 'step');
      else expect([finish, tokenIds!.length]).toEqual(['length', 6]);
    }
    expect(seen).toEqual(new Set(['step', 'answer', 'length', 'error']));
  });

  test('leaks nothing; an aborted call rejects with the signal’s reason; no requests, no answers', async () => {
    const policy = await policyWith();
    const before = tf.memory().numTensors;
    await policy.proposeMany!(requests(3));
    await expect(policy.propose(requests(1)[0]!, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(await policy.proposeMany!([])).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('errors name what is wrong', async () => {
    await expect(policyWith({ topk: 0 } as object)).rejects.toThrow(/localPolicy: unknown option 'topk' .*'topK'/);
    await expect(policyWith({ topK: 0 })).rejects.toThrow(/localPolicy: topK/);
    await expect(policyWith({ tokenizer: characterTokenizer('abcdefghijklmnopqrstuvwxyz') })).rejects.toThrow(
      /30 ids, the model's vocabulary 19/,
    );
    const [request] = requests(1);
    await expect(
      (await policyWith()).propose({ ...request!, state: { questionId: 'other', steps: [] } }),
    ).rejects.toThrow(/must belong to question 'q0', got 'other'/);
  });
});
