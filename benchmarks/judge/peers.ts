/**
 * Our verdicts beside Math-Verify's on the same rows: `SVO_PYTHON=… node --conditions=@svo/source benchmarks/judge/peers.ts [rows]`.
 * One process each, without HTTP; processor time, so that a busy machine does not matter. Rows of one's own come from `JUDGE_ROWS`, a file
 * with a record { gold, prediction, expected? } a line.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mathVerifier } from '@svo/verify';
import { machine, writeResults } from '../results.ts';
import { type LoadRow, loadRow } from './rows.ts';

const [count = 300] = process.argv.slice(2).map(Number);
const python = process.env.SVO_PYTHON ?? 'python3';
const file = process.env.JUDGE_ROWS;

interface Peer {
  readonly verdicts: readonly (boolean | null)[];
  readonly faults: number;
  readonly cpuS: number;
}

type Kinded = Omit<LoadRow, 'kind'> & { readonly kind: string };
const rows: readonly Kinded[] =
  file === undefined
    ? Array.from({ length: count }, (_, n) => loadRow(n))
    : readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ gold, prediction, expected = null }) => ({
          kind: 'file',
          answer: gold,
          response: prediction,
          expected,
        }));

function measured(kind: string) {
  const own = rows.filter((row) => row.kind === kind);
  const begun = process.cpuUsage();
  const verdicts = own.map(({ answer, response }) => mathVerifier({ id: '', prompt: '', answer }, response).equivalent);
  const { user, system } = process.cpuUsage(begun);
  const input = own.map((row) => `${JSON.stringify(row)}\n`).join('');
  const script = fileURLToPath(new URL('./math_verify_peer.py', import.meta.url));
  const { stdout, status } = spawnSync(python, [script], {
    input,
    encoding: 'utf8',
    maxBuffer: 1e9,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (status !== 0) throw new Error(`Math-Verify ended with ${status}; SVO_PYTHON must be a Python that has it`);
  const peer = JSON.parse(stdout) as Peer;
  const judgedBy = (all: readonly (boolean | null | undefined)[], cpuS: number) => ({
    rowsPerCpuSecond: Math.round(own.length / cpuS),
    calledRight: all.filter((verdict) => verdict === true).length,
    undecided: all.filter((verdict) => verdict === null || verdict === undefined).length,
    wrongCalledRight: own.filter(({ expected }, i) => expected === false && all[i] === true).length,
    rightNotCalledRight: own.filter(({ expected }, i) => expected === true && all[i] !== true).length,
  });
  return {
    kind,
    rows: own.length,
    agree: own.filter((_, i) => (verdicts[i] === true) === (peer.verdicts[i] === true)).length,
    svo: judgedBy(verdicts, (user + system) / 1e6),
    mathVerify: { ...judgedBy(peer.verdicts, peer.cpuS), faults: peer.faults },
  };
}

const version = spawnSync(python, ['-c', 'import importlib.metadata as m; print(m.version("math-verify"))'], {
  encoding: 'utf8',
});
const kinds = [...new Set(rows.map(({ kind }) => kind))].map(measured);
const record = { machine: machine.cpu, node: process.version, mathVerify: version.stdout.trim(), kinds };
process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
if (file === undefined) writeResults('judge-peers', record);
