/**
 * LoRA (r 16 on all projections) on models of released sizes with random weights, turn by turn with torch, transformers and peft in
 * float32: same machine, same run, same weights, adapters and tokens.
 *
 *   node --conditions=@svo/source benchmarks/real-models/run.ts [models=135M] [batch=4] [length=256] [rounds=5] [none|layer]
 *
 * SVO_PYTHON names a Python with torch, transformers and peft (default python3). Results: benchmarks/results/real-models.json.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelConfig } from '@svo/models';
import { earlier, machine, writeResults } from '../results.ts';
import { type Peer, startPeer, summary } from '../train-step/peer.ts';

const threads = '2';
const [, , wanted = '135M', batch = '4', length = '256', rounds = '5', kept = 'none'] = process.argv;
const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, ModelConfig>;
const limits = { OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
const script = (name: string): string => join(import.meta.dirname, name);
const ours = (name: string, engine: string, checkpoint: string): Peer =>
  startPeer(
    name,
    process.execPath,
    ['--conditions=@svo/source', script('svo-peer.ts'), threads, engine, checkpoint],
    limits,
  );

interface Steps {
  readonly times: number[];
  readonly losses: number[];
}

async function compare(name: string, config: ModelConfig): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'svo-real-models-'));
  const python = process.env.SVO_PYTHON ?? 'python3';
  const peers = [
    startPeer('torch + peft', python, [script('torch_peer.py'), threads], limits),
    // What does not fit with every activation kept (0.5B at 4 × 256) is recomputed by us; torch keeps its own.
    ...(kept === 'none' ? [ours('svo, default', 'auto', 'none'), ours('svo, wasm', 'wasm', 'none')] : []),
    ours('svo, default, layers recomputed', 'auto', 'layer'),
    ...(kept === 'layer' ? [ours('svo, wasm, layers recomputed', 'wasm', 'layer')] : []),
  ];
  try {
    const [size, count] = [Number(batch), Number(length)];
    const places = { folder: join(folder, 'model'), adapters: join(folder, 'adapters') };
    const author = ours('author', 'wasm', 'none');
    await author.ask({ do: 'init', ...places, config });
    author.stop();
    let state = 1;
    const ids = Array.from({ length: size * count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * (config.vocab_size as number));
    });
    for (const peer of peers) await peer.ask({ do: 'load', ...places, ids, batch: size, length: count });
    const times = peers.map((): number[] => []);
    // The first turn is not timed: its losses must agree before anything else counts.
    const first: number[] = [];
    for (const peer of peers) first.push(...(await peer.ask<Steps>({ do: 'steps', count: 1 })).losses);
    if (!(Math.max(...first) - Math.min(...first) < 1e-4))
      throw new Error(`${name}: first losses must agree to 1e-4, got ${JSON.stringify(first)}`);
    const last: number[] = [];
    for (let round = 0; round < Number(rounds); round++)
      for (let turn = 0; turn < peers.length; turn++) {
        const i = (round + turn) % peers.length;
        const { times: taken, losses } = await peers[i]!.ask<Steps>({ do: 'steps', count: 1 });
        times[i]!.push(...taken);
        last[i] = losses.at(-1)!;
      }
    const results: object[] = [];
    for (const [i, peer] of peers.entries()) {
      const report = await peer.ask<{ readonly peakBytes: number }>({ do: 'report' });
      const milliseconds = summary(times[i]!);
      const ratios = summary(times[i]!.map((time, round) => times[0]![round]! / time));
      const best = summary(times[0]!).min / milliseconds.min;
      console.log(
        `  ${peer.name.padEnd(32)} ${milliseconds.median.toFixed(0).padStart(7)} ms (${milliseconds.low.toFixed(0)}–${milliseconds.high.toFixed(0)})  ` +
          `${ratios.median.toFixed(2)} of torch (${ratios.low.toFixed(2)}–${ratios.high.toFixed(2)}, best to best ${best.toFixed(2)})  ` +
          `peak ${(report.peakBytes / 2 ** 30).toFixed(2)} GiB  last loss ${last[i]!.toFixed(6)}`,
      );
      results.push({ name: peer.name, milliseconds, ofTorch: { rounds: ratios, best }, lastLoss: last[i], report });
    }
    return { date: new Date().toISOString(), batch: size, length: count, load: loadavg()[0], peers: results };
  } finally {
    for (const peer of peers) peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const name of wanted.split(',')) {
  console.log(`${name}, LoRA step of ${batch} × ${length} tokens, load ${loadavg()[0]!.toFixed(1)}`);
  const result = await compare(name, models[name]!);
  const results = { ...earlier('real-models'), [`${name} ${batch}×${length}`]: result };
  writeResults('real-models', { machine, threads: Number(threads), results });
}
