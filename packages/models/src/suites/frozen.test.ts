/** Models whose matrices stay as they are stored: the numbers, gradients and tokens of the float32 model they stand for. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedNumbers } from '@svo/files';
import { installKernels } from '@svo/kernels';
import { type Tensor, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CausalLm, causalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { valueHead } from '../decoder/head/value-head.ts';
import { applyLora, initLora, mergeLora } from '../decoder/lora.ts';
import { type Params, parameterShapes } from '../decoder/parameters.ts';
import type { WeightWidth } from '../folders/frozen-weights.ts';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { generate } from '../generation/generate.ts';
import { saveGguf } from '../gguf/save-gguf.ts';
import { familyConfigs } from '../test-support/family-configs.ts';
import { hashedParams, idTensor, largestGap, randomised, smallConfig } from '../test-support/small-models.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svo-frozen-'));
  await useBackend('wasm', { threads: 2 });
  await installKernels({ engine: 'wasm' });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await useBackend('cpu');
});

const rows = [
  [3, 9, 4, 7, 1],
  [5, 5, 18, 2, 6],
];
const lora = { rank: 2, alpha: 3 };
const frozenWidths = ['stored', 'int8', 'int4'] as const;
/** A family's own width in turn; all of them in `pnpm fuzz`. */
const widthsOf = (name: string): readonly (typeof frozenWidths)[number][] => {
  const at = familyConfigs.findIndex(([family]) => family === name) % frozenWidths.length;
  return process.env.SVO_EVERY_PLACE === undefined ? frozenWidths.slice(at, at + 1) : frozenWidths;
};

/** The frozen matrices as the tensors they stand for. */
const thawed = (lm: CausalLm): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(lm.decoder.frozen).map(([name, matrix]) => [
      name,
      tf.tensor2d(storedNumbers(matrix), [...matrix.shape]),
    ]),
  );

/** Loss and gradients of adapters over a base. */
const adapterGradients = (lm: CausalLm, base: Params, adapters: Params, ids: number[][]) => {
  const tokens = idTensor(ids);
  const { value, gradients } = valueAndGrads(
    (trained) => tf.sum<tf.Scalar>(tf.square(lm.tokenLogps({ ...base, ...trained }, tokens))),
    adapters,
  );
  const found = {
    loss: value.dataSync(),
    ...Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, g.dataSync()])),
  };
  tf.dispose([tokens, value, gradients]);
  return found as Record<string, ArrayLike<number>>;
};

const expectClose = (
  mine: Record<string, ArrayLike<number>>,
  theirs: Record<string, ArrayLike<number>>,
  most = 1e-5,
): void => {
  expect(Object.keys(mine)).toEqual(Object.keys(theirs));
  for (const [name, expected] of Object.entries(theirs)) {
    const size = Math.max(1e-3, ...Array.from(expected, Math.abs));
    expect(largestGap(mine[name]!, expected) / size, name).toBeLessThan(most);
  }
};

const saved = async (name: string, config: ModelConfig): Promise<string> => {
  const lm = causalLm(config);
  const place = join(folder, name.replaceAll(/\W+/g, '-'));
  const params = tf.tidy(() => randomised(lm.init(1)));
  await savePretrained(place, { lm, params, dtype: 'BF16' });
  tf.dispose(params);
  return place;
};

describe.each(familyConfigs)('%s', (name, config) => {
  test.each(widthsOf(name))(
    '%s: log-probs, adapters’ gradients and tokens of the model it stands for',
    async (weights) => {
      const place = await saved(name, config);
      const before = tf.memory().numTensors;
      const loaded = await loadPretrained(place, { weights });
      const { frozen } = loaded.lm.decoder;
      const shapes = parameterShapes(loaded.lm.architecture);
      expect(Object.keys(frozen)).toEqual(Object.keys(shapes).filter((key) => shapes[key]!.length === 2));
      expect(Object.keys(loaded.params)).toEqual(Object.keys(shapes).filter((key) => shapes[key]!.length !== 2));
      const floats = { lm: causalLm(config), params: { ...loaded.params, ...thawed(loaded.lm) } };
      const adapters = tf.tidy(() => randomised(initLora(loaded.lm, lora, 1), 6));
      const [mine, theirs] = [loaded, floats].map(({ lm, params }) =>
        adapterGradients(applyLora(lm, lora), params, adapters, rows),
      );
      expectClose(mine!, theirs!);
      // The layers run again: the same numbers, to the bit.
      const again = applyLora(loaded.lm, lora, { checkpoint: 'layer' });
      expect(adapterGradients(again, loaded.params, adapters, rows)).toEqual(mine);
      const [values, expected] = [loaded, floats].map(({ lm, params }) =>
        tf.tidy(() => {
          const head = valueHead(lm);
          return head.tokenValues({ ...params, ...head.init(3) }, idTensor(rows)).dataSync();
        }),
      );
      expect(largestGap(values!, expected!)).toBeLessThan(1e-5);
      const prompts = rows.map((row) => row.slice(0, 3));
      const options = { maxTokens: 6, temperature: 0, stopIds: [] };
      const written = await generate(applyLora(loaded.lm, lora), { ...loaded.params, ...adapters }, prompts, options);
      expect(written.map(([first]) => first!.ids)).toEqual(
        (await generate(applyLora(floats.lm, lora), { ...floats.params, ...adapters }, prompts, options)).map(
          ([first]) => first!.ids,
        ),
      );
      tf.dispose([floats.params, adapters]);
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

interface Golden {
  readonly config: ModelConfig;
  readonly lora: { readonly rank: number; readonly alpha: number };
  readonly ids: number[][];
  readonly logps: number[][];
  readonly gradients: Record<string, number[]>;
}

describe.each(['int8', 'int4'] as const)('against torch in float64, %s', (weights) => {
  const golden: Golden = JSON.parse(
    readFileSync(new URL(`../../../../test/golden/frozen/${weights}.json`, import.meta.url), 'utf8'),
  );
  const load = async () => {
    const lm = causalLm(golden.config);
    const place = join(folder, `golden-${weights}`);
    const params = hashedParams(parameterShapes(lm.architecture));
    await savePretrained(place, { lm, params });
    tf.dispose(params);
    const loaded = await loadPretrained(place, { weights });
    const adapters = initLora(lm, golden.lora, 1);
    return {
      ...loaded,
      adapters: hashedParams(Object.fromEntries(Object.entries(adapters).map(([k, v]) => [k, v.shape]))),
    };
  };

  test('log-probs and gradients within 1e-4', async () => {
    const { lm, params, adapters } = await load();
    const adapted = applyLora(lm, golden.lora);
    const ids = idTensor(golden.ids);
    const logps = adapted.tokenLogps({ ...params, ...adapters }, ids).arraySync() as number[][];
    expect(
      largestGap(
        logps.flatMap((row) => row.slice(1)),
        golden.logps.flat(),
      ),
    ).toBeLessThan(1e-4);
    const found = adapterGradients(adapted, params, adapters, golden.ids);
    expect(Object.keys(golden.gradients).length).toBe(weights === 'int8' ? 28 : 14);
    for (const [name, expected] of Object.entries(golden.gradients))
      expect(largestGap(found[name]!, expected) / Math.max(...expected.map(Math.abs)), name).toBeLessThan(1e-4);
  });

  test('gradients are slopes of the loss', async () => {
    const { lm, params, adapters } = await load();
    const adapted = applyLora(lm, golden.lora);
    const { loss: _, ...found } = adapterGradients(adapted, params, adapters, golden.ids);
    for (const [name, gradient] of Object.entries(found)) {
      const along = Array.from(gradient);
      const square = along.reduce((sum, x) => sum + x * x, 0);
      const step = 5e-3 / Math.sqrt(square);
      const at = (steps: number): number =>
        tf.tidy(() => {
          const moved = tf.add(
            adapters[name]!,
            tf.tensor(
              along.map((x) => steps * step * x),
              adapters[name]!.shape,
            ),
          );
          return adapterGradients(adapted, params, { ...adapters, [name]: moved }, golden.ids).loss![0]!;
        });
      const slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
      expect(Math.abs(slope - square) / square, name).toBeLessThan(1e-2);
    }
  });
});

describe('files', () => {
  const wide = { ...smallConfig, hidden_size: 64, intermediate_size: 96, num_key_value_heads: 4 };

  test.each([
    ['F32', 'stored', 'F32'],
    ['F16', 'stored', 'F16'],
    ['BF16', 'int8', 'Q8_0'],
    ['Q8_0', 'stored', 'Q8_0'],
    ['Q8_0', 'int8', 'Q8_0'],
    ['Q4_0', 'stored', 'Q4_0'],
    ['Q4_0', 'int8', 'Q4_0'],
    ['Q8_0', 'int4', 'Q4_0'],
  ] as const)('a GGUF of %s read as %s is held as %s, and is its own model', async (dtype, weights, held) => {
    const lm = causalLm(wide);
    const params = randomised(lm.init(1));
    const path = join(folder, `${dtype}.gguf`);
    await saveGguf(path, { lm, params, dtype });
    const loaded = await loadPretrained(path, { weights });
    const { frozen } = loaded.lm.decoder;
    expect(frozen['model.layers.1.self_attn.k_proj.weight']!.dtype).toBe(held);
    expect(frozen['model.embed_tokens.weight']!.dtype).toBe(weights === 'int4' ? 'Q8_0' : held);
    const theirs = await loadPretrained(path);
    const same = { ...loaded.params, ...thawed(loaded.lm) };
    if (held === dtype)
      for (const name of Object.keys(theirs.params))
        expect(largestGap(same[name]!.dataSync(), theirs.params[name]!.dataSync()), name).toBe(0);
    const ids = idTensor(rows);
    const logps = loaded.lm.tokenLogps(loaded.params, ids).dataSync();
    expect(largestGap(logps, lm.tokenLogps(same, ids).dataSync())).toBeLessThan(1e-4);
  });

  test('quantised weights are near the stored ones: half a step of their block', async () => {
    const place = await saved('near', wide);
    const { params } = await loadPretrained(place);
    for (const [weights, steps] of [
      ['int8', 127],
      ['int4', 8],
    ] as const) {
      const near = thawed((await loadPretrained(place, { weights })).lm);
      for (const name of ['model.layers.0.mlp.up_proj.weight', 'model.layers.1.self_attn.q_proj.weight']) {
        const [mine, theirs] = [near[name]!.dataSync(), params[name]!.dataSync()];
        for (let b = 0; b < theirs.length; b += 32) {
          const most = Math.max(...Array.from(theirs.slice(b, b + 32), Math.abs));
          // Of 4 bits the largest number has −8; on the other side +7 is the end, a whole step short at most.
          const gap = largestGap(mine.slice(b, b + 32), theirs.slice(b, b + 32));
          expect(gap).toBeLessThanOrEqual((most / steps) * (weights === 'int8' ? 0.56 : 1.01));
        }
      }
    }
  });

  test('other weights, merging into what is frozen, and numbers that have no place in blocks are refused', async () => {
    const place = await saved('refused', smallConfig);
    await expect(loadPretrained(place, { weights: 'int2' as WeightWidth })).rejects.toThrow(
      `loadPretrained: weights must be 'float32', 'stored', 'int8' or 'int4', got "int2"`,
    );
    const { lm, params } = await loadPretrained(place, { weights: 'int8' });
    const adapters = initLora(lm, lora, 1);
    expect(() => mergeLora({ ...params, ...adapters }, lora)).toThrow('merge as they write: mergeAdapters: true');
    const plain = causalLm(smallConfig);
    const weights = plain.init(1);
    const bad = { ...weights, 'model.layers.0.mlp.up_proj.weight': tf.fill([24, 16], Number.NaN) };
    await savePretrained(join(folder, 'nan'), { lm: plain, params: bad });
    const before = tf.memory().numTensors;
    await expect(loadPretrained(join(folder, 'nan'), { weights: 'int4' })).rejects.toThrow(
      /loadPretrained: model\.layers\.0\.mlp\.up_proj\.weight: gguf: Q4_0 holds finite numbers alone, got NaN/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
