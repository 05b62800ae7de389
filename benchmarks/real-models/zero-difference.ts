/**
 * How many log-probs of generated tokens are not those of `tokenLogps`, bit for bit, and how far they are apart: for each engine, with and
 * without adapters, batches of changing sizes, prompts of changing lengths.
 *
 *   node --conditions=@svo/source benchmarks/real-models/zero-difference.ts [model=small] [tokens=100000] [engines=wasm,onnxruntime] [weights=float32,stored,int8,int4]
 *
 * `small` has four layers, 256 wide; the other models are those of models.json. SVO_GGUF names a GGUF to take instead. Results:
 * benchmarks/results/zero-difference.json.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installKernels, type KernelOptions } from '@svo/kernels';
import { createRng, splitRng, uniforms } from '@svo/mdp';
import {
  applyLora,
  type CausalLm,
  causalLm,
  generate,
  initLora,
  loadPretrained,
  type ModelConfig,
  savePretrained,
  type WeightWidth,
} from '@svo/models';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { earlier, machine, writeResults } from '../results.ts';

const [, , name = 'small', tokens = '100000', engines = 'wasm,onnxruntime', widths = 'float32'] = process.argv;
const small: ModelConfig = {
  model_type: 'llama',
  vocab_size: 2003,
  hidden_size: 256,
  intermediate_size: 700,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  initializer_range: 0.08,
};
const known = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, ModelConfig>;
const lora = { rank: 16, alpha: 32 };

/** Where the model lies: random weights in bf16, or the file that was named. */
const folder = mkdtempSync(join(tmpdir(), 'svo-zero-'));
const written = async (): Promise<string> => {
  const lm = causalLm(name === 'small' ? small : known[name]!);
  const params = lm.init(1);
  await savePretrained(folder, { lm, params, dtype: 'BF16' });
  tf.dispose(params);
  return folder;
};

/** The model, and the same with adapters whose second halves are no zeros. */
const models = async (
  weights: WeightWidth,
): Promise<readonly (readonly [CausalLm, Readonly<Record<string, Tensor>>])[]> => {
  const { lm, params } = await loadPretrained(process.env.SVO_GGUF ?? (await written()), { weights });
  const adapters = Object.entries(initLora(lm, lora, 1)).map(([key, value]) => [
    key,
    key.includes('lora_B') ? tf.randomNormal(value.shape, 0, 0.02, 'float32', 7) : value,
  ]);
  return [
    [lm, params],
    [applyLora(lm, lora), { ...params, ...Object.fromEntries(adapters) }],
  ];
};

interface Found {
  tokens: number;
  differ: number;
  largest: number;
}

/** One batch written and scored, the texts of it padded behind in one tensor. */
const compare = async (lm: CausalLm, params: Readonly<Record<string, Tensor>>, turn: number): Promise<Found> => {
  const rng = splitRng(createRng(9), turn);
  const [size, ...rest] = uniforms(rng, 40 * 33);
  const rows = 1 + Math.floor(size! ** 2 * 32);
  const prompts = Array.from({ length: rows }, (_, row) => {
    const [length, ...ids] = rest.slice(row * 40, (row + 1) * 40);
    return ids.slice(0, 1 + Math.floor(length! * 39)).map((u) => Math.floor(u * lm.architecture.vocabSize));
  });
  const written = await generate(lm, params, prompts, { maxTokens: 96, seed: turn, stopIds: [0] });
  const texts = prompts.map((prompt, row) => [...prompt, ...written[row]![0]!.ids]);
  const longest = Math.max(...texts.map(({ length }) => length));
  const padded = texts.map((text) => [...text, ...new Array<number>(longest - text.length).fill(0)]);
  const all = tf.tidy(() => lm.tokenLogps(params, tf.tensor2d(padded, undefined, 'int32')).arraySync() as number[][]);
  const found: Found = { tokens: 0, differ: 0, largest: 0 };
  for (const [row, prompt] of prompts.entries())
    for (const [at, logp] of written[row]![0]!.logps.entries()) {
      const gap = Math.abs(all[row]![prompt.length + at]! - logp);
      found.tokens++;
      if (gap !== 0) found.differ++;
      found.largest = Math.max(found.largest, gap);
    }
  return found;
};

const results: Record<string, object> = {};
for (const engine of engines.split(',')) {
  await useBackend('wasm', { threads: 2 });
  const report = await installKernels({ engine: engine as KernelOptions['engine'] & string });
  for (const width of widths.split(',') as WeightWidth[])
    for (const [index, [lm, params]] of (await models(width)).entries()) {
      const sum: Found = { tokens: 0, differ: 0, largest: 0 };
      const wanted = Number(tokens) / (2 * engines.split(',').length * widths.split(',').length);
      for (let turn = 0; sum.tokens < wanted; turn++) {
        const { tokens: more, differ, largest } = await compare(lm, params, turn);
        Object.assign(sum, {
          tokens: sum.tokens + more,
          differ: sum.differ + differ,
          largest: Math.max(sum.largest, largest),
        });
      }
      const held = width === 'float32' ? '' : `, ${width}`;
      const key = `${process.env.SVO_GGUF ? 'GGUF' : name}${held}, ${engine}, ${index === 0 ? 'no adapters' : 'LoRA'}`;
      results[key] = { ...sum, reason: report.reason, relaxedSimd: report.relaxedSimd };
      console.log(key, sum);
    }
}
rmSync(folder, { recursive: true });
writeResults('zero-difference', {
  date: new Date().toISOString(),
  machine: { ...machine, load: loadavg()[0] },
  results: { ...earlier('zero-difference'), ...results },
});
process.exit(0);
