import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { idTensor, largestGap, randomised, smallLm } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { generate } from './generate.ts';

const prompts = [[3, 9, 4], [1], [5, 6, 7, 8, 2, 10], [3, 9, 4], [12, 13]];
const shapes: [string, Partial<ModelConfig>][] = [
  ['llama', {}],
  ['mistral with a window', { model_type: 'mistral', sliding_window: 3 }],
  ['qwen3', { model_type: 'qwen3', head_dim: 8, tie_word_embeddings: true }],
  [
    'qwen2 with a window in one layer',
    { model_type: 'qwen2', use_sliding_window: true, sliding_window: 2, max_window_layers: 1 },
  ],
];

beforeAll(async () => {
  await useBackend('cpu');
});

describe('generate', () => {
  test.each(shapes)('%s: with the cache as without it', async (_, change) => {
    const lm = smallLm(change);
    const params = randomised(lm.init(1));
    const written = await generate(lm, params, prompts, { maxTokens: 6, temperature: 0, stopIds: [] });
    for (const [index, prompt] of prompts.entries()) {
      const ids = [...prompt];
      for (let step = 0; step < 6; step++) {
        const logits = tf.reshape(lm.apply(params, idTensor([ids])), [ids.length, 19]);
        ids.push(tf.argMax(logits, 1).dataSync()[ids.length - 1]!);
      }
      expect(written[index]![0]!.ids).toEqual(ids.slice(prompt.length));
    }
  });

  test('a text is read as its ids with bos before them, and needs a tokenizer', async () => {
    const tokenizer = characterTokenizer('0123456789+=?');
    const lm = smallLm({ vocab_size: tokenizer.vocabularySize });
    const params = randomised(lm.init(1));
    const settings = { maxTokens: 5, temperature: 0, tokenizer, stopIds: [] };
    const [fromText, fromIds] = await generate(lm, params, ['1+2=', [1, ...tokenizer.encode('1+2=')]], settings);
    expect(fromText).toHaveLength(1);
    expect(fromText).toEqual(fromIds);
    await expect(generate(lm, params, ['1+2='], { maxTokens: 5 })).rejects.toThrow(
      'generate: prompts[0] is a text, which needs a tokenizer (or pass token ids)',
    );
  });

  test.each(shapes)('%s: logps are tokenLogps of the text, whatever the temperature', async (_, change) => {
    const lm = smallLm(change);
    const params = randomised(lm.init(1));
    const written = await generate(lm, params, prompts, {
      maxTokens: 6,
      temperature: 0.7,
      topK: 5,
      stopIds: [],
      seed: 3,
    });
    for (const [index, prompt] of prompts.entries()) {
      const { ids, logps } = written[index]![0]!;
      const expected = lm
        .tokenLogps(params, idTensor([[...prompt, ...ids]]))
        .dataSync()
        .slice(prompt.length);
      expect(largestGap(logps, expected)).toBeLessThan(1e-4);
    }
  });

  test.each(shapes)('%s: a row does not depend on its batch, bit for bit', async (_, change) => {
    const lm = smallLm(change);
    const params = randomised(lm.init(1));
    const seed = prompts.map((_, index) => 100 + index);
    const options = { maxTokens: 7, samples: 2, stopIds: [0, 1, 2] };
    const together = await generate(lm, params, prompts, { ...options, seed });
    for (const [index, prompt] of prompts.entries())
      expect((await generate(lm, params, [prompt], { ...options, seed: [seed[index]!] }))[0]).toEqual(together[index]);
    expect(await generate(lm, params, prompts, { ...options, seed, batchRows: 2 })).toEqual(together);
    const reversed = await generate(lm, params, prompts.toReversed(), { ...options, seed: seed.toReversed() });
    expect(reversed.toReversed()).toEqual(together);
  });

  test.each([
    ['dynamic', { type: 'dynamic', factor: 2 }],
    [
      'longrope',
      { type: 'longrope', factor: 2, original_max_position_embeddings: 4, short_factor: [1, 1], long_factor: [2, 3] },
    ],
  ])('%s: nor where frequencies follow the length', async (_, rope_scaling) => {
    const lm = smallLm({ max_position_embeddings: 4, rope_scaling });
    const params = randomised(lm.init(1));
    const lengths = [2, 3, 6, 9, 6];
    const rows = lengths.map((length, row) => Array.from({ length }, (_, at) => (3 * row + 5 * at) % 19));
    const options = { maxTokens: 4, temperature: 0, stopIds: [] };
    const together = await generate(lm, params, rows, options);
    for (const [index, row] of rows.entries())
      expect(await generate(lm, params, [row], options)).toEqual([together[index]]);
  });

  test('draws follow the model’s distribution', async () => {
    const lm = smallLm();
    const params = randomised(lm.init(1));
    const samples = 4000;
    const [drawn] = await generate(lm, params, [[3, 9]], { maxTokens: 1, samples, stopIds: [], seed: 1 });
    const probabilities = tf
      .softmax(tf.reshape(lm.apply(params, idTensor([[3, 9]])), [2, 19]))
      .arraySync() as number[][];
    for (const [id, p] of probabilities[1]!.entries()) {
      const share = drawn!.filter(({ ids }) => ids[0] === id).length / samples;
      // Five standard deviations of a share: a false alarm in one of a million runs, and the seed is fixed.
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / samples) + 1e-9);
    }
  });

  test('seeds: equal ones repeat, others and other samples differ', async () => {
    const lm = smallLm();
    const params = lm.init(1);
    const run = (seed: number) => generate(lm, params, [[3], [3]], { maxTokens: 8, samples: 2, stopIds: [], seed });
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    expect(new Set(first.flat().map(({ ids }) => ids.join())).size).toBe(4);
  });

  test('stop ids end a row and are kept; the others go on', async () => {
    const lm = smallLm();
    const params = randomised(lm.init(1));
    const full = await generate(lm, params, prompts, { maxTokens: 9, stopIds: [], seed: 4 });
    const stopIds = [full[0]![0]!.ids[3]!];
    const cut = await generate(lm, params, prompts, { maxTokens: 9, stopIds, seed: 4 });
    for (const [index, [row]] of full.entries()) {
      const { ids } = row!;
      const at = ids.indexOf(stopIds[0]!);
      expect(cut[index]![0]!.ids).toEqual(at === -1 ? ids : ids.slice(0, at + 1));
      expect(cut[index]![0]!.finish).toBe(at === -1 ? 'length' : 'end');
    }
  });

  test('the config’s eos ids are the default', async () => {
    const ids = [...Array(19).keys()];
    const lm = smallLm({ eos_token_id: ids });
    const written = await generate(lm, lm.init(1), [[4]], { maxTokens: 5 });
    expect(written.flat().map(({ ids: made, finish }) => [made.length, finish])).toEqual([[1, 'end']]);
  });

  test('stop strings end a row, and the text keeps them', async () => {
    const tokenizer = characterTokenizer('abcdefghijklmno');
    const lm = smallLm();
    const params = lm.init(1);
    const options = { maxTokens: 12, samples: 8, tokenizer, stopIds: [], seed: 2 };
    const [full] = await generate(lm, params, [[4]], options);
    const stop = [full![0]!.text!.slice(2, 4), full![1]!.text!.slice(5, 6)];
    const [cut] = await generate(lm, params, [[4]], { ...options, stop });
    for (const [index, { text }] of full!.entries()) {
      const ends = stop.map((word) => (text!.includes(word) ? text!.indexOf(word) + word.length : Infinity));
      const end = Math.min(...ends);
      expect(cut![index]!.text).toBe(text!.slice(0, end));
      expect(cut![index]!.finish).toBe(end === Infinity ? 'length' : 'stop');
    }
  });

  test('leaks no tensors, not even when aborted', async () => {
    const lm = smallLm();
    const params = lm.init(1);
    const before = tf.memory().numTensors;
    await generate(lm, params, prompts, { maxTokens: 4, samples: 2 });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(generate(lm, params, prompts, { maxTokens: 4, signal })).rejects.toThrow('enough');
    const tooHot = generate(lm, { ...params, 'model.norm.weight': tf.fill([16], Number.NaN) }, prompts, {
      maxTokens: 2,
    });
    await expect(tooHot).rejects.toThrow(/logits must be finite/);
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  test('a timer can stop it half way, and nothing leaks', async () => {
    const lm = smallLm();
    const params = lm.init(1);
    const before = tf.memory().numTensors;
    const options = { maxTokens: 4000, stopIds: [], signal: AbortSignal.timeout(200) };
    await expect(generate(lm, params, [[1]], options)).rejects.toThrow(/aborted due to timeout/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('no prompts, no work', async () => {
    const lm = smallLm();
    expect(await generate(lm, {}, [], { maxTokens: 3 })).toEqual([]);
  });

  test.each([
    [{ maxTokens: 0 }, /maxTokens must be an integer ≥ 1, got 0/],
    [{ samples: 1.5 }, /samples must be an integer ≥ 1, got 1.5/],
    [{ batchRows: 0 }, /batchRows must be/],
    [{ temperature: -1 }, /temperature must be ≥ 0 and finite, got -1/],
    [{ topK: 0 }, /topK must be an integer ≥ 1, got 0/],
    [{ topP: 0 }, /topP must be in \(0, 1\], got 0/],
    [{ stop: ['x'] }, /stop needs a tokenizer/],
    [{ seed: [1] }, /seed must have one entry a prompt \(5\), got 1/],
  ])('refuses %o', async (change, message) => {
    const lm = smallLm();
    await expect(generate(lm, {}, prompts, { maxTokens: 3, ...change })).rejects.toThrow(message);
  });

  test.each([
    [[[]], /prompts\[0\] must hold at least one token/],
    [[[1], [19]], /prompts\[1\] must hold ids in \[0, 19\), got 19/],
    [[[0.5]], /got 0.5/],
  ])('refuses prompts %o', async (wrong, message) => {
    await expect(generate(smallLm(), {}, wrong, { maxTokens: 3 })).rejects.toThrow(message);
  });
});
