/**
 * The load: `node --conditions=@svo/source benchmarks/judge/load.ts [requests a second] [minutes] [name in results]`. A server is started as
 * people start it, and asked at a fixed rate, whether it has answered or not (an open loop), one row a request; besides, every second a
 * client breaks off a request in its body, one sends no HTTP, and one goes away before its answer. What came back is counted, and the
 * memory of the server and its processes is read from `/proc` every ten seconds.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { machine, writeResults } from '../results.ts';
import { type LoadRow, loadRow } from './rows.ts';

const [rate = 200, minutes = 10] = process.argv.slice(2, 4).map(Number);
const results = process.argv[4] ?? 'judge';
const bin = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url));

const server = spawn(process.execPath, ['--conditions=@svo/source', bin, 'judge', '--serve'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise<string>((resolve, reject) => {
  server.once('exit', () => reject(new Error('the server ended')));
  createInterface({ input: server.stdout }).on('line', (line) => {
    const { event, url: at } = JSON.parse(line) as { event: string; url: string };
    if (event === 'listening') resolve(at);
  });
});
const port = Number(new URL(url).port);

/** Megabytes that a process holds, or 0 when it has just ended. */
function resident(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}
const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
/** Seconds of processor time of a process. */
const spent = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

const statuses: Record<string, number> = {};
const verdicts = { right: 0, wrong: 0, undecided: 0, timeLimits: 0, lawsBroken: 0 };
const latencies: number[] = [];
const count = (name: string): void => {
  statuses[name] = (statuses[name] ?? 0) + 1;
};
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
let open = 0;

function ask(row: LoadRow): void {
  const begun = performance.now();
  open++;
  const body = JSON.stringify({ answer: row.answer, response: row.response });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request(`${url}judge`, { method: 'POST', agent, headers, timeout: 90_000 }, (reply) => {
    let text = '';
    reply.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    reply.on('end', () => {
      open--;
      count(String(reply.statusCode));
      latencies.push(performance.now() - begun);
      if (reply.statusCode === 200) told(row, JSON.parse(text));
    });
  });
  sent.on('timeout', () => sent.destroy(new Error('no answer within 90 s')));
  sent.on('error', (error: NodeJS.ErrnoException) => {
    open--;
    count(error.code ?? error.message);
  });
  sent.end(body);
}

function told({ expected }: LoadRow, { correct, how }: { correct: boolean | null; how: string }): void {
  verdicts[correct === null ? 'undecided' : correct ? 'right' : 'wrong']++;
  if (/^time limit|process ended/.test(how)) verdicts.timeLimits++;
  if (expected !== null && correct === !expected) verdicts.lawsBroken++;
}

const head = 'POST /judge HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';
const leave = (text: string): void => {
  const socket = connect(port, '127.0.0.1', () => socket.write(text, () => setTimeout(() => socket.destroy(), 100)));
  socket.on('error', () => undefined);
};
const rude = [
  `${head}content-length: 1000\r\n\r\n{"answer`,
  '\u0000\u0001\u0002\r\n\r\n',
  `${head}content-length: 2\r\n\r\n{}`,
];

const pid = server.pid!;
const curve: { s: number; serverMb: number; processesMb: number; processes: number; open: number; load: number }[] = [];
const started = performance.now();
const seconds = (): number => (performance.now() - started) / 1000;
const total = Math.round(rate * minutes * 60);
let [next, measured, rudeness] = [0, -10, 0];
while (next < total) {
  const due = Math.min(total, Math.ceil(seconds() * rate));
  for (; next < due; next++) ask(loadRow(next));
  for (; rudeness < seconds(); rudeness++) for (const text of rude) leave(text);
  if (seconds() - measured >= 10) {
    measured = seconds();
    const children = childrenOf(pid);
    const processesMb = Math.round(children.map(resident).reduce((a, b) => a + b, 0));
    const point = { s: Math.round(measured), serverMb: Math.round(resident(pid)), processesMb };
    curve.push({ ...point, processes: children.length, open, load: Number(loadavg()[0]!.toFixed(1)) });
  }
  await sleep(5);
}
const asked = seconds();
while (open > 0) await sleep(50);
const answered = seconds();
const cpuS = [pid, ...childrenOf(pid)].map(spent).reduce((a, b) => a + b, 0);
const health = await (await fetch(`${url}health`)).json();
server.kill('SIGTERM');
const code = await new Promise((resolve) => server.once('exit', resolve));

latencies.sort((a, b) => a - b);
const at = (q: number): number => Math.round(latencies[Math.floor(q * (latencies.length - 1))] ?? 0);
const record = {
  what: `svo judge --serve, ${rate} requests a second for ${minutes} minutes, one row each, every tenth hostile`,
  machine,
  asked: next,
  askedPerSecond: Number((next / asked).toFixed(1)),
  answeredPerSecond: Number((next / answered).toFixed(1)),
  statuses,
  verdicts,
  latencyMs: { median: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) },
  serverCpuS: Number(cpuS.toFixed(1)),
  serverCpuMsPerRequest: Number(((1000 * cpuS) / next).toFixed(2)),
  health,
  exitCode: code,
  curve,
};
writeResults(results, record);
const { curve: _curve, ...said } = record;
process.stdout.write(`${JSON.stringify(said)}\n`);
process.exit(0);
