/**
 * The whole training step side by side with eager torch: same machine, same run, turn by turn, same weights and tokens.
 * Losses must agree to 1e-4 before anything is timed.
 *
 *   node --conditions=@svo/source benchmarks/train-step/run.ts [models=a,b,c] [rounds=7]
 *
 * SVO_PYTHON names a Python with torch and safetensors (default python3). Results: benchmarks/results/train-step.json.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sizes, tokenIds } from './language-model.ts';
import { type Peer, startPeer, summary } from './peer.ts';

const threads = '2';
const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, Sizes>;
const [, , wanted = 'a,b,c', rounds = '7'] = process.argv;
const stepsARound: Record<string, number> = { a: 20, b: 3, c: 1 };

const node = (...args: string[]): [string, string[]] => [
  process.execPath,
  ['--conditions=@svo/source', '--max-old-space-size=4096', join(import.meta.dirname, 'svo-peer.ts'), threads, ...args],
];
const limits = { OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads };

interface Outcome {
  readonly name: string;
  readonly times: number[];
  readonly loss: number;
  readonly report: Record<string, unknown>;
  readonly kernels?: { total: number; calls: Record<string, number> };
}

async function compare(sizes: Sizes, stepCount: number): Promise<Outcome[]> {
  const peers: Peer[] = [
    startPeer(
      'torch',
      process.env.SVO_PYTHON ?? 'python3',
      [join(import.meta.dirname, 'torch_peer.py'), threads],
      limits,
    ),
    startPeer('svo wasm', ...node('wasm', 'wasm'), limits),
    startPeer('svo wasm + OpenBLAS', ...node('wasm', 'openblas'), limits),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'svo-train-step-'));
  try {
    const weights = join(folder, 'model.safetensors');
    await peers[1].ask({ do: 'init', ...sizes, weights });
    const losses: number[] = [];
    for (const peer of peers)
      losses.push(
        (await peer.ask<{ loss: number }>({ do: 'load', ...sizes, weights, ids: [...tokenIds(sizes)] })).loss,
      );
    const gap = Math.max(...losses) - Math.min(...losses);
    if (!(gap <= 1e-4)) throw new Error(`losses must agree to 1e-4 before timing, got ${losses.join(', ')}`);
    const times = peers.map((): number[] => []);
    const last: number[] = [];
    for (let round = -1; round < Number(rounds); round++)
      for (const [i, peer] of peers.entries()) {
        const result = await peer.ask<{ times: number[]; losses: number[] }>({ do: 'steps', count: stepCount });
        last[i] = result.losses.at(-1)!;
        if (round >= 0) times[i].push(...result.times);
      }
    const outcomes: Outcome[] = [];
    for (const [i, peer] of peers.entries()) {
      const report = await peer.ask<Record<string, unknown>>({ do: 'report' });
      const kernels = i > 0 ? await peer.ask<Outcome['kernels']>({ do: 'kernels' }) : undefined;
      outcomes.push({ name: peer.name, times: times[i], loss: last[i], report, ...(kernels && { kernels }) });
    }
    return outcomes;
  } finally {
    for (const peer of peers) peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const results: Record<string, unknown> = {};
for (const name of wanted.split(',')) {
  const sizes = models[name];
  const outcomes = await compare(sizes, stepsARound[name]);
  const torch = summary(outcomes[0].times);
  const tokens = sizes.batch * sizes.length;
  console.log(
    `\n(${name}) ${sizes.layers} layers, d ${sizes.width}, T ${sizes.length}, B ${sizes.batch}, V ${sizes.vocabulary}`,
  );
  results[name] = {
    sizes,
    peers: outcomes.map(({ times, ...rest }) => {
      const spread = summary(times);
      const peak = Number(rest.report.peakBytes) / 2 ** 20;
      const ratio = torch.median / spread.median;
      console.log(
        `  ${rest.name.padEnd(20)} ${spread.median.toFixed(1).padStart(8)} ms (${spread.low.toFixed(1)}–${spread.high.toFixed(1)}, best ${spread.min.toFixed(1)})  ` +
          `${((tokens / spread.median) * 1e3).toFixed(0).padStart(7)} tokens/s  ${ratio.toFixed(2)} of torch (best to best ${(torch.min / spread.min).toFixed(2)})  ` +
          `peak ${peak.toFixed(0)} MiB  loss ${rest.loss.toFixed(5)}${rest.kernels ? `  ${rest.kernels.total} kernels` : ''}`,
      );
      return {
        ...rest,
        milliseconds: spread,
        tokensPerSecond: (tokens / spread.median) * 1e3,
        ofTorch: ratio,
        ofTorchBest: torch.min / spread.min,
      };
    }),
  };
}
const path = new URL('../results/train-step.json', import.meta.url);
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
writeFileSync(path, `${JSON.stringify({ date: new Date().toISOString(), machine, threads: 2, results }, null, 1)}\n`);
