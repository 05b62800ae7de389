/**
 * Microseconds for each loss's value and gradients from log-probs, B = 8 to 4,096, against eager torch on 2 threads.
 *
 *   node --conditions=@svo/source benchmarks/losses/speed.ts [backend] [python]
 *
 * `python` is an interpreter that has torch; without it only our side is measured. Prints a table and writes
 * benchmarks/results/losses.json.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { type Scalar, type Tensor, useBackend, valueAndGrads } from '@svo/tensor';
import { cases, drawInputs, STEPS } from './inputs.ts';
import { type Timing, timeCalls } from './time.ts';

const [, , backend = 'wasm', python] = process.argv;
const batches = [8, 64, 512, 4096];
type Timings = Record<string, Record<string, Timing>>;

const report = await useBackend(backend as Parameters<typeof useBackend>[0]);

/** One loss's value and gradients, as a training step asks for them. */
function call(name: string, inputs: Record<string, Tensor>): () => void {
  const { loss, trained } = cases[name];
  const params = Object.fromEntries(trained.map((key) => [key, inputs[key]]));
  return () => {
    const { value, gradients } = valueAndGrads((live) => loss({ ...inputs, ...live } as never) as Scalar, params);
    value.dataSync();
    value.dispose();
    for (const gradient of Object.values(gradients)) gradient.dispose();
  };
}

function ours(): Timings {
  // JavaScript is compiled as it runs: without this, whichever loss comes first would pay for all.
  for (const [name, subject] of Object.entries(cases)) {
    const warm = call(name, drawInputs(subject, batches[0]));
    for (let i = 0; i < 100; i++) warm();
  }
  const timings: Timings = {};
  for (const [name, subject] of Object.entries(cases)) {
    timings[name] = {};
    for (const batch of batches) {
      const inputs = drawInputs(subject, batch);
      timings[name][batch] = timeCalls(call(name, inputs));
      for (const tensor of Object.values(inputs)) tensor.dispose();
    }
  }
  return timings;
}

const own = ours();
const peer =
  python === undefined
    ? undefined
    : (JSON.parse(
        execFileSync(python, [new URL('./torch_losses.py', import.meta.url).pathname, ...batches.map(String)], {
          encoding: 'utf8',
          env: { ...process.env, OMP_NUM_THREADS: '2' },
        }),
      ) as { torch: string; threads: number; losses: Timings });

const rows = Object.keys(own).map((loss) => {
  const columns = batches.map((batch) => {
    const mine = own[loss][batch].median;
    const theirs = peer?.losses[loss][batch].median;
    return [
      `B=${batch}`,
      theirs === undefined
        ? `${mine.toFixed(0)}`
        : `${mine.toFixed(0)} / ${theirs.toFixed(0)} = ${(mine / theirs).toFixed(2)}`,
    ];
  });
  return [loss, Object.fromEntries(columns)];
});
console.log(`microseconds for value and gradients, ours / torch = ratio; [B, S] losses have S = ${STEPS}`);
console.table(Object.fromEntries(rows));
if (peer !== undefined) {
  const ratios = Object.keys(own).flatMap((loss) =>
    batches.map((batch) => own[loss][batch].median / peer.losses[loss][batch].median),
  );
  const worst = Math.max(...ratios);
  console.log(
    `worst ratio ${worst.toFixed(2)}, ${ratios.filter((ratio) => ratio <= 1).length} of ${ratios.length} ahead of torch`,
  );
}
writeFileSync(
  new URL('../results/losses.json', import.meta.url),
  `${JSON.stringify(
    {
      what: 'microseconds for value and gradients from log-probs; median and quartiles of 9 samples',
      limit:
        'up to 512 rows dispatch (15 to 25 µs of tfjs bookkeeping a call); at 4,096 arithmetic in the nearest cache on one thread: 0.3 ns an element for a simple operation, 3.5 for e^-|x|, not memory bandwidth',
      date: new Date().toISOString().slice(0, 10),
      machine: { cpu: cpus()[0].model, cores: cpus().length, note: 'shared with other jobs while measuring' },
      versions: {
        node: process.version,
        tfjs: '4.22.0',
        ...(peer === undefined ? {} : { torch: peer.torch, torchThreads: peer.threads }),
      },
      backend: report,
      steps: STEPS,
      ours: own,
      torch: peer?.losses,
    },
    null,
    1,
  )}\n`,
);
process.exit(0);
