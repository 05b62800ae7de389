/**
 * Generation on models of released sizes with random weights, turn by turn with transformers in float32: same machine, same run, same
 * folder, same prompts, greedy.
 *
 *   node --conditions=@svo/source benchmarks/real-models/generation.ts [models=135M] [batches=1,8,32] [rounds=5] [tokens=32]
 *
 * OMP_WAIT_POLICY=passive keeps torch's threads from spinning where other work wants the cores. SVO_PYTHON names a Python with torch and transformers (default python3). Results: benchmarks/results/real-models-generation.json.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, uniforms } from '@svo/mdp';
import type { ModelConfig } from '@svo/models';
import { earlier, machine, writeResults } from '../results.ts';
import { type Peer, startPeer, summary } from '../train-step/peer.ts';

const threads = '2';
const promptTokens = 32;
const [, , wanted = '135M', batches = '1,8,32', rounds = '5', tokens = '32'] = process.argv;
const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, ModelConfig>;
const limits = { OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
const script = (name: string): string => join(import.meta.dirname, name);
const node = (file: string, ...more: string[]): [string, string[]] => [
  process.execPath,
  ['--conditions=@svo/source', script(file), threads, ...more],
];

interface Answer {
  readonly milliseconds: number;
  /** Of all threads together. */
  readonly processorMilliseconds: number;
  readonly ids: number[][];
}

/** Rows whose tokens are not the first peer's throughout. With random weights the best two choices may be equally likely. */
const parted = (ids: number[][], others: number[][]): number =>
  ids.filter((row, index) => row.join() !== others[index]!.join()).length;

async function compare(peers: readonly Peer[], batch: number, vocabulary: number): Promise<object> {
  const flat = Array.from(uniforms(createRng(batch), batch * promptTokens), (u) => Math.floor(u * vocabulary));
  const prompts = Array.from({ length: batch }, (_, row) => flat.slice(row * promptTokens, (row + 1) * promptTokens));
  const ask = { do: 'generate', prompts, maxTokens: Number(tokens) };
  const first: Answer[] = [];
  for (const peer of peers) first.push(await peer.ask<Answer>(ask));
  const times = peers.map((): number[] => []);
  const used = peers.map((): number[] => []);
  for (let round = 0; round < Number(rounds); round++)
    for (let turn = 0; turn < peers.length; turn++) {
      const i = (round + turn) % peers.length;
      const { milliseconds, processorMilliseconds } = await peers[i]!.ask<Answer>(ask);
      times[i]!.push(milliseconds);
      used[i]!.push(processorMilliseconds);
    }
  const results = peers.map(({ name }, i) => {
    const milliseconds = summary(times[i]!);
    const ratios = summary(times[i]!.map((time, round) => times[0]![round]! / time));
    const best = summary(times[0]!).min / milliseconds.min;
    const processor = summary(used[i]!);
    const ofProcessorTime = summary(used[i]!.map((time, round) => used[0]![round]! / time));
    const tokensPerSecond = (batch * Number(tokens) * 1000) / milliseconds.median;
    console.log(
      `  batch ${String(batch).padStart(2)}  ${name.padEnd(14)} ${tokensPerSecond.toFixed(1).padStart(7)} tokens/s  ` +
        `${ratios.median.toFixed(2)} of transformers (${ratios.low.toFixed(2)}–${ratios.high.toFixed(2)}, best to best ${best.toFixed(2)}), ` +
        `of its processor time ${ofProcessorTime.median.toFixed(2)} (${processor.median.toFixed(0)} ms)`,
    );
    const rowsParted = parted(first[i]!.ids, first[0]!.ids);
    return {
      name,
      milliseconds,
      tokensPerSecond,
      ofTransformers: { rounds: ratios, best },
      processor,
      ofProcessorTime,
      rowsParted,
    };
  });
  return { date: new Date().toISOString(), batch, promptTokens, tokens: Number(tokens), load: loadavg()[0], results };
}

for (const name of wanted.split(',')) {
  const folder = mkdtempSync(join(tmpdir(), 'svo-real-models-'));
  const config = { ...models[name]!, initializer_range: 0.06 };
  const peers = [
    startPeer(
      'transformers',
      process.env.SVO_PYTHON ?? 'python3',
      [script('../generation/transformers_peer.py'), threads],
      limits,
    ),
    startPeer('svo, default', ...node('../generation/svo-peer.ts', 'auto'), limits),
    startPeer('svo, wasm', ...node('../generation/svo-peer.ts', 'wasm'), limits),
  ];
  try {
    const author = startPeer('author', ...node('svo-peer.ts', 'wasm', 'none'), limits);
    await author.ask({ do: 'init', folder: join(folder, 'model'), adapters: join(folder, 'adapters'), config });
    author.stop();
    const reports: unknown[] = [];
    for (const peer of peers) reports.push(await peer.ask({ do: 'load', folder: join(folder, 'model') }));
    console.log(`${name}, ${promptTokens} tokens read, ${tokens} written, load ${loadavg()[0]!.toFixed(1)}`);
    for (const batch of batches.split(',').map(Number)) {
      const result = await compare(peers, batch, config.vocab_size as number);
      const results = { ...earlier('real-models-generation'), [`${name}, batch ${batch}`]: { ...result, reports } };
      writeResults('real-models-generation', { machine, threads: Number(threads), results });
    }
  } finally {
    for (const peer of peers) peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
