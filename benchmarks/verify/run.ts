/**
 * Calls a second of processor time (the machine may be busy with other work) and latency of `isEquivalent` and `verifyAnswer` on one core, beside the core of the sympy-based graders:
 * `node --conditions=@svo/source benchmarks/verify/run.ts`. The cases of ../shared are used where they are; the project's own pairs
 * always. `PEER_PYTHON` names a Python that has sympy (default `python3`); without one the peer is left out and said so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isEquivalent, verifyAnswer } from '@svo/verify';
import { heldOut } from '../../packages/verify/src/test-support/all-held-out.ts';
import { machine, writeResults } from '../results.ts';

interface Row {
  readonly gold: string;
  readonly prediction: string;
  readonly expected: boolean;
  readonly predictionForm: string;
  readonly source: string;
  readonly caveat?: string;
}

const shared = new URL('../../../shared/verify/', import.meta.url);
const rows = (existsSync(shared) ? readdirSync(shared) : [])
  .filter((name) => name.endsWith('-cases-dev.jsonl') && !name.startsWith('extraction'))
  .flatMap((name) => readFileSync(new URL(name, shared), 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line) as Row)
  .filter((row) => row.caveat === undefined);

const apart = new Set(['gsm8k-model-solutions', 'qwen-math-cot-100']);
const workloads: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'own pairs': heldOut.map(([, gold, prediction]) => [gold, prediction] as const),
  'shared pool': rows.filter((row) => !apart.has(row.source)).map((row) => [row.gold, row.prediction] as const),
  'GSM8K solutions': rows
    .filter((row) => row.source === 'gsm8k-model-solutions')
    .map((row) => [row.gold, row.prediction] as const),
  'MATH chains of thought': rows
    .filter((row) => row.source === 'qwen-math-cot-100')
    .map((row) => [row.gold, row.prediction] as const),
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const round = (x: number): number => Number(x.toPrecision(4));

/** Runs a workload until every pair was asked often enough; latencies are each pair's fastest of all repeats but the first. */
function measure(pairs: readonly (readonly [string, string])[], ask: (gold: string, response: string) => unknown) {
  const repeats = 5;
  const best = new Float64Array(pairs.length).fill(Number.POSITIVE_INFINITY);
  const rates: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const begun = process.cpuUsage();
    pairs.forEach(([gold, prediction], i) => {
      const t = performance.now();
      ask(gold, prediction);
      if (repeat > 0) best[i] = Math.min(best[i]!, performance.now() - t);
    });
    const used = process.cpuUsage(begun);
    if (repeat > 0) rates.push((1e6 * pairs.length) / (used.user + used.system));
  }
  const sorted = [...best].sort((a, b) => a - b);
  return {
    pairs: pairs.length,
    callsPerSecond: { median: round(median(rates)), spread: [round(Math.min(...rates)), round(Math.max(...rates))] },
    p50Microseconds: round(1000 * sorted[sorted.length >> 1]!),
    p99Microseconds: round(1000 * sorted[Math.floor(sorted.length * 0.99)]!),
    slowestMicroseconds: round(1000 * sorted.at(-1)!),
  };
}

const ours = Object.entries(workloads)
  .filter(([, pairs]) => pairs.length > 0)
  .map(([workload, pairs]) => ({
    workload,
    ...measure(pairs, workload === 'own pairs' || workload === 'shared pool' ? isEquivalent : verifyAnswer),
  }));

/** Pairs both can read: no prose, no sets, no units. */
const candidates = [
  ...new Map(
    rows
      .filter((row) => row.predictionForm === 'bare' && !apart.has(row.source))
      .map((row) => [`${row.gold}\0${row.prediction}`, [row.gold, row.prediction] as const]),
  ).values(),
  ...workloads['own pairs']!,
].filter(
  ([gold, prediction]) =>
    /^[\w\s+\-*/^(){}.\\$!]+$/.test(gold + prediction) &&
    !/text|mathrm|begin|cup|infty|pm|circ|[a-zA-Z]{4}(?<!frac|sqrt|cdot|left|dfrac|tfrac|right|times)\b/.test(
      gold + prediction,
    ),
);
/** An even sample, so that the peer's run stays short. */
const readable = candidates.filter((_, i) => i % Math.max(1, Math.floor(candidates.length / 120)) === 0);
const peer = spawnSync(process.env.PEER_PYTHON ?? 'python3', [new URL('sympy_grader.py', import.meta.url).pathname], {
  input: JSON.stringify(readable),
  encoding: 'utf8',
  maxBuffer: 1 << 24,
});
const peerResult = peer.status === 0 ? (JSON.parse(peer.stdout) as { callsPerSecond: number }) : undefined;
const oursOnThose = measure(readable, isEquivalent);

const result = {
  topic: 'verify',
  date: new Date().toISOString().slice(0, 10),
  machine: { ...machine, note: 'shared with other work while measuring; one core each' },
  ours,
  onPairsBothRead: {
    note: 'Math-Verify itself could not be installed here (no package source has it); the peer is the engine it stands on, without its LaTeX grammar.',
    ours: oursOnThose,
    peer: peerResult ?? 'no Python with sympy found',
    ratio: peerResult === undefined ? undefined : round(oursOnThose.callsPerSecond.median / peerResult.callsPerSecond),
  },
};
writeResults('verify', result);
console.log(JSON.stringify(result, null, 2));
