/**
 * Microseconds for each loss's value and gradients from log-probs, B = 8 to 4,096, against eager torch on 2 threads.
 *
 *   node --conditions=@svo/source benchmarks/losses/speed.ts [backend] [python]
 *
 * `python` is an interpreter that has torch; without it only our side is measured. Prints a table and writes
 * benchmarks/results/losses.json.
 */
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { type Scalar, type Tensor, useBackend, valueAndGrads } from '@svo/tensor';
import { machine, readResults, writeResults } from '../results.ts';
import { drawInputs, losses, STEPS, trainedInputs } from './inputs.ts';
import { type Timing, timeCalls } from './time.ts';

const [, , backend = 'wasm', python] = process.argv;
const batches = [8, 64, 512, 4096];
type Timings = Record<string, Record<string, Timing>>;

const report = await useBackend(backend as Parameters<typeof useBackend>[0]);

/** One loss's value and gradients, as a training step asks for them. */
function call(name: string, inputs: Record<string, Tensor>): () => void {
  const loss = losses[name]!;
  const params = Object.fromEntries(trainedInputs(loss).map((key) => [key, inputs[key]!]));
  return () => {
    const { value, gradients } = valueAndGrads((live) => loss({ ...inputs, ...live } as never) as Scalar, params);
    value.dataSync();
    value.dispose();
    for (const gradient of Object.values(gradients)) gradient.dispose();
  };
}

function ours(): Timings {
  // JavaScript is compiled as it runs: without this, whichever loss comes first would pay for all.
  for (const [name, subject] of Object.entries(losses)) {
    const warm = call(name, drawInputs(subject, batches[0]!));
    for (let i = 0; i < 100; i++) warm();
  }
  const timings: Timings = {};
  for (const [name, subject] of Object.entries(losses)) {
    timings[name] = {};
    for (const batch of batches) {
      const inputs = drawInputs(subject, batch);
      timings[name][batch] = timeCalls(call(name, inputs));
      for (const tensor of Object.values(inputs)) tensor.dispose();
    }
  }
  return timings;
}

/** The sizes of the bar, in steps or tokens: what a step of training holds, and 64 long responses, where arithmetic is all. */
const bar = [
  { B: 64, columns: 16 },
  { B: 1, columns: 1024 },
  { B: 64, columns: 1024 },
] as const;

/** 1 % of the smallest training step of benchmarks/results/train-step.json (13 ms) is 130 µs; 100 is asked for. */
function atBar(): Timings {
  return Object.fromEntries(
    Object.entries(losses).map(([name, subject]) => {
      const timings = bar.map(({ B, columns }) => {
        const inputs = drawInputs(subject, B, columns);
        const timing = timeCalls(call(name, inputs));
        for (const tensor of Object.values(inputs)) tensor.dispose();
        return [`${B} x ${columns}`, timing];
      });
      return [name, Object.fromEntries(timings)];
    }),
  );
}

const own = ours();
const atTheBar = atBar();
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
    const mine = own[loss]![batch]!.median;
    const theirs = peer?.losses[loss]?.[batch]?.median;
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
console.log('microseconds at the bar; losses over pairs and completions have B alone');
console.table(
  Object.fromEntries(
    Object.entries(atTheBar).map(([loss, at]) => [
      loss,
      Object.fromEntries(Object.entries(at).map(([size, { median }]) => [size, median.toFixed(0)])),
    ]),
  ),
);
if (peer !== undefined) {
  const ratios = Object.keys(peer.losses).flatMap((loss) =>
    batches.map((batch) => own[loss]![batch]!.median / peer.losses[loss]![batch]!.median),
  );
  const worst = Math.max(...ratios);
  console.log(
    `worst ratio ${worst.toFixed(2)}, ${ratios.filter((ratio) => ratio <= 1).length} of ${ratios.length} ahead of torch`,
  );
}
/** Times beside torch's were taken side by side: without a torch at hand those of before stay, and the bar alone is new. */
const besideTorch =
  peer === undefined
    ? readResults('losses')
    : {
        date: new Date().toISOString().slice(0, 10),
        machine: { cpu: machine.cpu, cores: machine.cores, note: 'shared with other jobs while measuring' },
        versions: { node: process.version, tfjs: '4.22.0', torch: peer.torch, torchThreads: peer.threads },
        backend: report,
        steps: STEPS,
        ours: own,
        torch: peer.losses,
      };
const results = {
  what: 'microseconds for value and gradients from log-probs; median and quartiles of 9 samples',
  limit:
    'up to 64 rows dispatch (15 to 25 µs of bookkeeping a call); beyond, plain float64 loops on one thread: about 1 ns an element for a simple operation, 10 for e^-|x| and for log1p',
  ...besideTorch,
  bar: atTheBar,
  load: loadavg()[0],
};
writeResults('losses', results);
process.exit(0);
