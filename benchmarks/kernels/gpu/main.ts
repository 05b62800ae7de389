/**
 * WebGPU against torch on one card: each operation checked against float64, then timed, with the shares of the card's
 * limits; then whole training steps of the decoders of benchmarks/train-step, turn by turn, from the same weights.
 * `run.sh` calls it; `pack.ts` makes one file of it for machines without npm.
 *
 *   node --conditions=@svo/source benchmarks/kernels/gpu/main.ts OUT [small] [models=a,b,c]
 *
 * Writes OUT/gpu.json after each part. SVO_PYTHON names a Python with torch; without one only our side is there.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installKernels } from '@svo/kernels';
import { useBackend } from '@svo/tensor';
import { compare } from '../../train-step/compare.ts';
import type { Sizes } from '../../train-step/language-model.ts';
import models from '../../train-step/models.json' with { type: 'json' };
import { startPeer } from '../../train-step/peer.ts';
import { checkOperations } from './check.ts';
import { type CardLimits, type OperationRow, type OperationSizes, timeOperations } from './operations.ts';

interface TorchOperations {
  readonly device: string;
  readonly torch: string;
  readonly limits: CardLimits;
  readonly rows: readonly Pick<OperationRow, 'operation' | 'milliseconds'>[];
}

const [, , out = 'benchmarks/results', size = 'full', wanted = 'a,b,c'] = process.argv;
const small = size === 'small';
const python = process.env.SVO_PYTHON ?? 'python3';
const here = import.meta.dirname;
/** The first of these files there is: beside this one when packed, in the repository otherwise. */
const file = (...candidates: string[]): string =>
  candidates.map((name) => join(here, name)).find((path) => existsSync(path))!;

mkdirSync(out, { recursive: true });
const results: Record<string, unknown> = { date: new Date().toISOString(), node: process.version };
const save = (part: Record<string, unknown>): void => {
  Object.assign(results, part);
  writeFileSync(join(out, 'gpu.json'), `${JSON.stringify(results, null, 1)}\n`);
};

const torchDevice = deviceOfTorch();
const { device } = await useBackend('webgpu');
if (!small && /swiftshader|llvmpipe/i.test(device))
  throw new Error(`the only WebGPU adapter is ${device}: no real one was found (name its driver in VK_DRIVER_FILES)`);
const { kernels, missing } = await installKernels();
save({ device, kernels, missing, torchDevice });
console.log(`WebGPU: ${device}; torch: ${torchDevice ?? 'not there'}; missing kernels: ${missing.join(' ') || 'none'}`);

const worst = await checkOperations();
save({ worstAgainstFloat64: worst });
console.log(
  'against float64, worst:',
  Object.entries(worst)
    .map(([name, gap]) => `${name} ${gap.toExponential(1)}`)
    .join(', '),
);

const sizes: OperationSizes = small
  ? { width: 32, heads: 2, length: 16, batch: 2, vocabulary: 64, square: 64 }
  : { width: 512, heads: 8, length: 256, batch: 8, vocabulary: 4096, square: 4096 };
const calls = small ? 2 : 50;
const torch = torchDevice === undefined ? undefined : torchOperations(torchDevice);
const rows = await timeOperations(sizes, calls, torch?.limits);
save({ operations: { sizes, calls, svo: rows, ...(torch && { torch }) } });
for (const { operation, milliseconds, gflops, gigabytes, shareOfLimit } of rows) {
  const theirs = torch?.rows.find((row) => row.operation === operation)?.milliseconds.best;
  const share = shareOfLimit && Math.max(shareOfLimit.arithmetic, shareOfLimit.memory);
  console.log(
    operation.padEnd(24),
    `${milliseconds.best.toFixed(3)} ms`.padStart(12),
    `${gflops.toFixed(0)} GFLOP/s`.padStart(14),
    `${gigabytes.toFixed(0)} GB/s`.padStart(10),
    share === undefined ? '' : `${(100 * share).toFixed(0)} % of the limit`.padStart(18),
    theirs === undefined ? '' : `torch ${theirs.toFixed(3)} ms, ratio ${(theirs / milliseconds.best).toFixed(2)}`,
  );
}

if (torchDevice !== undefined) {
  const steps: Record<string, unknown> = {};
  const tiny: Sizes = { layers: 1, width: 16, heads: 2, feedForward: 24, vocabulary: 32, length: 8, batch: 2 };
  for (const [name, model] of small ? [['tiny', tiny] as const] : Object.entries(models as Record<string, Sizes>)) {
    if (!small && !wanted.split(',').includes(name)) continue;
    const outcomes = await compare(
      [
        startPeer('torch', python, [file('torch_peer.py', '../../train-step/torch_peer.py'), '2', torchDevice]),
        startPeer('svo, WebGPU', process.execPath, [
          '--conditions=@svo/source',
          file('svo-peer.mjs', '../../train-step/svo-peer.ts'),
          '2',
          'webgpu',
          'kernels',
        ]),
      ],
      model,
      small ? 1 : 10,
      small ? 1 : 5,
    );
    steps[name] = { sizes: model, peers: outcomes };
    save({ steps });
    for (const { name: peer, milliseconds: ms, tokensPerSecond, ofFirst, kernels: counted } of outcomes)
      console.log(
        `(${name}) ${peer.padEnd(12)} ${ms.median.toFixed(2)} ms (best ${ms.min.toFixed(2)})`,
        `${tokensPerSecond.toFixed(0)} tokens/s, ${ofFirst.rounds.median.toFixed(2)} of torch, ${counted.total} kernels`,
      );
  }
}
save({ finished: new Date().toISOString() });
process.exit(0);

/** Where torch computes, or undefined where there is no torch. */
function deviceOfTorch(): 'cuda' | 'cpu' | undefined {
  try {
    const script = 'import torch; print("cuda" if torch.cuda.is_available() else "cpu")';
    return execFileSync(python, ['-c', script], { encoding: 'utf8' }).trim() as 'cuda' | 'cpu';
  } catch {
    return undefined;
  }
}

function torchOperations(on: string): TorchOperations {
  const args = [file('torch_operations.py'), on, String(calls), JSON.stringify(sizes)];
  return JSON.parse(execFileSync(python, args, { encoding: 'utf8' })) as TorchOperations;
}
