/**
 * The whole training step side by side with eager torch: same machine, same run, turn by turn, same weights and tokens.
 *
 *   node --conditions=@svo/source benchmarks/train-step/run.ts [models=a,b,c] [rounds]
 *
 * SVO_PYTHON names a Python with torch and safetensors (default python3). Results: benchmarks/results/train-step.json; models
 * that are not run keep the results they have.
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { earlier, machine, writeResults } from '../results.ts';
import { compare, type Outcome } from './compare.ts';
import type { Sizes } from './language-model.ts';
import { type Peer, startPeer } from './peer.ts';

const threads = '2';
const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<string, Sizes>;
/** Rounds, and steps in each: short turns, so that what disturbs one side disturbs the other. */
const plans: Readonly<Record<string, readonly [number, number]>> = { a: [40, 5], b: [20, 1], c: [8, 1] };
const [, , wanted = 'a,b,c', rounds] = process.argv;

const limits = { OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads };
const script = (name: string): string => join(import.meta.dirname, name);
const ours = (name: string, engine: string): Peer =>
  startPeer(
    name,
    process.execPath,
    ['--conditions=@svo/source', script('svo-peer.ts'), threads, 'wasm', engine],
    limits,
  );

/** Those of the peers that start here: a library that is absent is said, not waited for. */
const present = async (peers: readonly Peer[]): Promise<Peer[]> => {
  const there: Peer[] = [];
  for (const peer of peers)
    try {
      await peer.ask({ do: 'report' });
      there.push(peer);
    } catch (error) {
      console.log(`  without ${peer.name}: ${error instanceof Error ? error.message : error}`);
    }
  return there;
};

const results: Record<string, unknown> = { ...earlier('train-step') };
for (const name of wanted.split(',')) {
  const sizes = models[name]!;
  const [defaultRounds, count] = plans[name]!;
  const peers = await present([
    startPeer('torch', process.env.SVO_PYTHON ?? 'python3', [script('torch_peer.py'), threads], limits),
    ours('svo, default', 'auto'),
    ours('svo, wasm', 'wasm'),
    ours('svo, OpenBLAS asked', 'openblas'),
  ]);
  const outcomes = await compare(peers, sizes, Number(rounds ?? defaultRounds), count);
  const { layers, width, length, batch, vocabulary } = sizes;
  console.log(
    `\n(${name}) ${layers} layers, d ${width}, T ${length}, B ${batch}, V ${vocabulary}; load ${loadavg()[0]!.toFixed(1)}`,
  );
  for (const outcome of outcomes) console.log(line(outcome));
  results[name] = { date: new Date().toISOString(), load: loadavg()[0], sizes, peers: outcomes };
}
writeResults('train-step', { machine, threads: Number(threads), results });

function line({ name, milliseconds: ms, tokensPerSecond, ofFirst, report, kernels }: Outcome): string {
  const { rounds, best } = ofFirst;
  return [
    `  ${name.padEnd(18)} ${ms.median.toFixed(1).padStart(8)} ms (${ms.low.toFixed(1)}–${ms.high.toFixed(1)}, best ${ms.min.toFixed(1)})`,
    `${tokensPerSecond.toFixed(0).padStart(6)} tokens/s`,
    `${rounds.median.toFixed(2)} of torch (${rounds.low.toFixed(2)}–${rounds.high.toFixed(2)}, best to best ${best.toFixed(2)})`,
    `peak ${(report.peakBytes / 2 ** 20).toFixed(0)} MiB`,
    ...(kernels ? [`${kernels.total} kernels`] : []),
  ].join('  ');
}
