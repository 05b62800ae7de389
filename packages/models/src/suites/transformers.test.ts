/**
 * What transformers saves, read by us, and what we save, read by transformers and PEFT. Needs a Python that has them, named in
 * SVO_PEER_PYTHON; skipped without.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installKernels } from '@svo/kernels';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CausalLm, causalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { valueNetwork } from '../decoder/head/value-head.ts';
import { applyLora, initLora, type LoraSettings, mergeLora } from '../decoder/lora.ts';
import { type Params, parameterShapes } from '../decoder/parameters.ts';
import { loadAdapters, saveAdapters } from '../folders/adapter-folder.ts';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { saveValueNetwork } from '../folders/value-folder.ts';
import { generate } from '../generation/generate.ts';
import { hashedParams, largestGap, randomised } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';

const python = process.env.SVO_PEER_PYTHON;
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const families: { readonly name: string; readonly config: ModelConfig }[] = JSON.parse(
  readFileSync(fileOf('../../../../test/golden/models/families.json'), 'utf8'),
);
const rows = [
  [1, 5, 9, 3, 7, 4, 8],
  [2, 20, 22, 6, 11, 15, 19],
];

interface Job {
  readonly folder: string;
  readonly ids: number[][];
  readonly adapter?: string;
}
interface Answer {
  readonly logits: number[][];
  readonly greedy: number[][];
}

const run = (...args: string[]): string =>
  execFileSync(python!, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
const scratch = (): string => mkdtempSync(join(tmpdir(), 'svo-'));

const ask = (jobs: readonly Job[]): Answer[] => {
  const path = join(scratch(), 'jobs.json');
  writeFileSync(path, JSON.stringify(jobs));
  return JSON.parse(run(fileOf('../../peers/logits.py'), path));
};

const expectSame = async (name: string, lm: CausalLm, params: Params, theirs: Answer): Promise<void> => {
  const ids = tf.tensor2d(rows, undefined, 'int32');
  const logits = (await lm.apply(params, ids).array()) as number[][][];
  const last = logits.flatMap((row) => row.at(-1)!);
  expect(largestGap(last, theirs.logits.flat()), name).toBeLessThan(1e-4);
  const greedy = await generate(lm, params, rows, { maxTokens: 8, temperature: 0, stopIds: [] });
  expect(
    greedy.map(([first]) => first!.ids),
    name,
  ).toEqual(theirs.greedy);
};

describe.skipIf(!python)('with transformers and PEFT (set SVO_PEER_PYTHON to run)', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    await useBackend('wasm');
    await installKernels();
  });
  afterAll(() => useBackend('cpu'));

  test('every folder of families.py, in three dtypes, whole and sharded, is read by us', async () => {
    const folder = scratch();
    run(fileOf('../../../../test/golden/models/families.py'), '--save', folder);
    const names = readdirSync(folder);
    expect(names.length).toBe(families.length);
    for (const name of names) {
      const expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
      const { lm, params } = await loadPretrained(join(folder, name));
      const logits = (await lm.apply(params, tf.tensor2d(expected.ids, undefined, 'int32')).array()) as number[][][];
      const last = logits.flatMap((row) => row.at(-1)!);
      expect(largestGap(last, expected.logits_last.flat()), name).toBeLessThan(1e-4);
      const written = await generate(lm, params, expected.prompts, { maxTokens: 10, temperature: 0, stopIds: [] });
      expect(
        written.map(([row]) => row!.ids),
        name,
      ).toEqual(expected.greedy);
      tf.dispose(params);
    }
  });

  test('every config of families.py, saved by us, is read by transformers', async () => {
    const folder = scratch();
    // Greedy tokens of these two differ by transformers' own cache (see families.py).
    const cases = families.filter(({ name }) => !/window of one|ignores a window/.test(name));
    const models = cases.map(({ config }) => {
      const lm = causalLm(config);
      return { lm, params: hashedParams(parameterShapes(lm.architecture)) };
    });
    for (const [index, { lm, params }] of models.entries())
      await savePretrained(join(folder, String(index)), {
        lm,
        params,
        ...(index % 3 === 0 && { shardBytes: 5000 }),
        ...(index % 10 === 0 && { tokenizer: characterTokenizer('0123456789') }),
      });
    const answers = ask(models.map((_, index) => ({ folder: join(folder, String(index)), ids: rows })));
    for (const [index, { lm, params }] of models.entries())
      await expectSame(cases[index]!.name, lm, params, answers[index]!);
  });

  const settings: Record<string, LoraSettings> = {
    some: { rank: 3, alpha: 6, targets: ['q_proj', 'o_proj', 'up_proj'] },
    all: { rank: 2, alpha: 3 },
    stabilised: { rank: 4, alpha: 2, rankStabilized: true, targets: ['v_proj', 'down_proj'] },
  };

  test('our adapters are read by PEFT, and merged by us they are its model', async () => {
    const base = causalLm(families.find(({ name }) => name === 'qwen3 biases')!.config);
    const weights = randomised(base.init(1));
    const folder = scratch();
    await savePretrained(join(folder, 'base'), { lm: base, params: weights });
    const entries = Object.entries(settings).map(([name, lora]) => {
      const adapters: Record<string, Tensor> = randomised(initLora(base, lora, 1), 6);
      return { name, lora, params: { ...weights, ...adapters } };
    });
    for (const { name, lora, params } of entries) await saveAdapters(join(folder, name), { settings: lora, params });
    // One of them also trained the head and all biases.
    const trained = Object.keys(weights).filter((name) => /lm_head|\.bias$/.test(name));
    const whole = randomised(Object.fromEntries(trained.map((name) => [name, weights[name]!])), 7);
    entries.push({ name: 'whole', lora: settings.some!, params: { ...entries[0]!.params, ...whole } });
    await saveAdapters(join(folder, 'whole'), {
      settings: settings.some!,
      params: entries[3]!.params,
      replaced: trained,
    });
    const answers = ask(
      entries.map(({ name }) => ({ folder: join(folder, 'base'), adapter: join(folder, name), ids: rows })),
    );
    for (const [index, { name, lora, params }] of entries.entries()) {
      await expectSame(name, applyLora(base, lora), params, answers[index]!);
      await expectSame(`${name}, merged`, base, mergeLora(params, lora), answers[index]!);
      const again = await loadAdapters(join(folder, name), base);
      expect(again.settings).toMatchObject(lora);
    }
  });

  test('a value network of ours is a token classifier of one label', async () => {
    const network = valueNetwork(families.find(({ name }) => name === 'qwen2 biases')!.config, 'identity');
    const params = randomised(network.init(1));
    const folder = join(scratch(), 'value');
    await saveValueNetwork(folder, { network, params });
    const [theirs] = ask([{ folder, ids: rows }]);
    const ours = network.tokenValues(params, tf.tensor2d(rows, undefined, 'int32')).dataSync();
    expect(largestGap(ours, theirs!.logits.flat())).toBeLessThan(1e-4);
  });
});
