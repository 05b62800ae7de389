/**
 * Greedy tokens of GGUF files against llama.cpp, and every tensor against gguf-py: SmolLM2-135M-Instruct, and random weights in the shapes of
 * two other families, each quantised by llama.cpp itself.
 *
 *   SVO_SMOLLM2_GGUF=<path> node --conditions=@svo/source benchmarks/real-models/llama-cpp.ts [models] [dtypes] [tokens=64] [prompts=3]
 *
 * Each file is run by llama.cpp twice: as it is, where it rounds to 8 bits what quantised weights are multiplied with, and as `saveGguf` writes the
 * float32 numbers it stands for, where it multiplies what we do. Where tokens part, the row says how likely either side held the two.
 * SVO_THREADS is llama.cpp's number of threads (2); on a machine with other work one is quicker. SVO_PYTHON names a Python with llama-cpp-python, gguf and numpy (default python3). Results: benchmarks/results/llama-cpp.json.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installKernels } from '@svo/kernels';
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { type CausalLm, causalLm, generate, loadPretrained, type ModelConfig, saveGguf } from '@svo/models';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { earlier, machine, writeResults } from '../results.ts';
import { startPeer } from '../train-step/peer.ts';

const [, , wanted = 'SmolLM2-135M,qwen3,lfm2', dtypes = 'F16,Q8_0,Q4_0,Q4_K_M', tokens = '64', texts = '3'] =
  process.argv;
const maxTokens = Number(tokens);
const sizes = {
  vocab_size: 4096,
  hidden_size: 256,
  intermediate_size: 768,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 64,
  num_hidden_layers: 6,
  max_position_embeddings: 512,
  initializer_range: 0.06,
} as const;
const random: Readonly<Record<string, ModelConfig>> = {
  qwen3: { ...sizes, model_type: 'qwen3' },
  lfm2: {
    ...sizes,
    model_type: 'lfm2',
    layer_types: ['conv', 'conv', 'full_attention', 'conv', 'full_attention', 'conv'],
    block_auto_adjust_ff_dim: false,
  },
  phi3: { ...sizes, model_type: 'phi3' },
};

type Model = { readonly lm: CausalLm; readonly params: Readonly<Record<string, Tensor>> };

const folder = mkdtempSync(join(tmpdir(), 'svo-llama-cpp-'));
const peer = startPeer('llama.cpp', process.env.SVO_PYTHON ?? 'python3', [
  join(import.meta.dirname, 'llama_cpp_peer.py'),
  process.env.SVO_THREADS ?? '2',
]);
await useBackend('wasm', { threads: 2 });
const { engine } = await installKernels();

const draw = (size: number, label: string): number[] =>
  Array.from(uniforms(splitRng(createRng(5), label), 12), (u) => 3 + Math.floor(u * (size - 3)));

const promptsOf = (
  name: string,
  { lm }: Model,
  tokenizer?: { encode: (text: string) => readonly number[] },
): number[][] =>
  tokenizer
    ? ['The capital of France is', 'Two trains leave a station at noon.', 'def add(a, b):\n'].map((text) => [
        ...tokenizer.encode(text),
      ])
    : [1, 2, 3].map((turn) => draw(lm.architecture.vocabSize, `${name} ${turn}`));

/** How likely the model holds two tokens behind a text. */
const chances = ({ lm, params }: Model, ids: number[], pair: readonly number[]): number[] =>
  tf.tidy(() => {
    const all = lm.apply(params, tf.tensor2d([ids], undefined, 'int32'));
    const shares = tf.softmax(tf.reshape(tf.slice(all, [0, ids.length - 1, 0], [1, 1, -1]), [-1])).dataSync();
    return pair.map((token) => shares[token]!);
  });

/** Where llama.cpp's greedy tokens leave ours, and how much likelier than the other each side held its choice there. */
const compare = async (model: Model, path: string, prompt: number[], ours: readonly number[]): Promise<object> => {
  const { ids } = await peer.ask<{ ids: number[] }>({ do: 'greedy', path, prompt, tokens: maxTokens });
  const at = ours.findIndex((id, index) => id !== ids[index]);
  if (at < 0) return { equal: true };
  const before = [...prompt, ...ours.slice(0, at)];
  const pair = [ours[at]!, ids[at]!];
  const mine = chances(model, before, pair);
  const { chances: theirs } = await peer.ask<{ chances: number[] }>({ do: 'chances', path, ids: before, tokens: pair });
  return { equal: false, partedAt: at, ourLead: mine[0]! - mine[1]!, theirLead: theirs[1]! - theirs[0]! };
};

const peers = await peer.ask<object>({ do: 'versions' });

/** A row is kept as soon as it is measured. */
const keep = (row: string, result: object): void => {
  console.log(row, JSON.stringify(result));
  writeResults('llama-cpp', {
    date: new Date().toISOString(),
    machine: { ...machine, load: loadavg()[0] },
    engine,
    peers,
    results: { ...earlier('llama-cpp'), [row]: result },
  });
};

for (const name of wanted.split(',')) {
  const source = join(folder, `${name}.gguf`);
  const smol = name === 'SmolLM2-135M' ? await loadPretrained(process.env.SVO_SMOLLM2_GGUF!) : undefined;
  const lm = smol?.lm ?? causalLm(random[name]!);
  const first: Model = { lm, params: smol?.params ?? lm.init(1) };
  await saveGguf(source, { ...first, dtype: 'F32' });
  const prompts = promptsOf(name, first, smol?.tokenizer).slice(0, Number(texts));
  tf.dispose(first.params);
  for (const dtype of dtypes.split(',')) {
    const [quantized, plain] = ['', '.f32'].map((ending) => join(folder, `${name}.${dtype}${ending}.gguf`));
    await peer.ask({ do: 'quantize', source, target: quantized, dtype });
    const { lm: read, params } = await loadPretrained(quantized!);
    const model: Model = { lm: read, params };
    await saveGguf(plain!, { ...model, dtype: 'F32' });
    const tensors = await peer.ask<{ counts: object }>({ do: 'tensors', quantized, dequantized: plain });
    const rows = await generate(model.lm, model.params, prompts, { maxTokens, temperature: 0, stopIds: [] });
    const runs = { asItIs: [] as object[], inFloat32: [] as object[] };
    for (const [key, path] of [
      ['inFloat32', plain],
      ['asItIs', quantized],
    ] as const)
      for (const [index, prompt] of prompts.entries())
        runs[key].push(await compare(model, path!, prompt, rows[index]![0]!.ids));
    tf.dispose(model.params);
    for (const path of [quantized, plain]) rmSync(path!);
    keep(`${name}, ${dtype}`, { tensors: tensors.counts, tokens: maxTokens, ...runs });
  }
  rmSync(source);
}
peer.stop();
rmSync(folder, { recursive: true });
process.exit(0);
