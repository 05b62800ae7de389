/**
 * The whole training step on a backend, with its fused kernels and without, beside torch: losses agreed on first, then
 * turn by turn, with the number of kernels tfjs was asked for.
 *
 *   node --conditions=@svo/source benchmarks/kernels/backends.ts [tensorflow|webgpu|tensorflow-gpu] [models=a,b] [rounds]
 *
 * SVO_PYTHON names a Python with torch and safetensors. Results: benchmarks/results/kernels-BACKEND.json.
 */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { machine, writeResults } from '../results.ts';
import { compare } from '../train-step/compare.ts';
import type { Sizes } from '../train-step/language-model.ts';
import models from '../train-step/models.json' with { type: 'json' };
import { startPeer } from '../train-step/peer.ts';

const [, , backend = 'tensorflow', wanted = 'a,b', rounds = '10'] = process.argv;
const threads = '2';
const limits = { OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads };
const beside = (name: string): string => join(import.meta.dirname, '../train-step', name);
const ours = (name: string, kernels: string) =>
  startPeer(
    name,
    process.execPath,
    ['--conditions=@svo/source', beside('svo-peer.ts'), threads, backend, kernels],
    limits,
  );

const results: Record<string, unknown> = {};
for (const name of wanted.split(',')) {
  const sizes = (models as Readonly<Record<string, Sizes>>)[name]!;
  const peers = [
    startPeer('torch', process.env.SVO_PYTHON ?? 'python3', [beside('torch_peer.py'), threads], limits),
    ours(`${backend}, kernels`, 'kernels'),
    ours(`${backend}, composites`, 'composites'),
  ];
  const outcomes = await compare(peers, sizes, Number(rounds), name === 'a' ? 5 : 1);
  console.log(`(${name}) load ${loadavg()[0]!.toFixed(1)}`);
  for (const { name: peer, milliseconds: ms, ofFirst, kernels } of outcomes)
    console.log(
      `  ${peer.padEnd(24)} ${ms.median.toFixed(1).padStart(8)} ms (best ${ms.min.toFixed(1)})`,
      `${ofFirst.rounds.median.toFixed(2)} of torch (best to best ${ofFirst.best.toFixed(2)})`,
      kernels ? `${kernels.total} kernels` : '',
    );
  results[name] = { date: new Date().toISOString(), load: loadavg()[0], sizes, peers: outcomes };
}
writeResults(`kernels-${backend}`, { machine, threads: Number(threads), results });
