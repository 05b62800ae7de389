/**
 * A server that somebody else wrote, against torch, against the official SDK, and against kill −9 of either side.
 * TINKER_BASE_URL names it; TINKER_SERVER_COMMAND starts it (needed to kill it); TORCH_PYTHON and SDK_PYTHON are interpreters
 * with torch and transformers, and with `tinker` 0.9. What is not given is not run, and said so.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { useBackend } from '@svo/tensor';
import { tinkerService } from '@svo/tinker';
import { machine, writeResults } from '../results.ts';
import { adam, beta, credits, dvoAgainst, rank, rows, seed, stepIds } from './setting.ts';

const { TINKER_BASE_URL: baseUrl, TINKER_SERVER_COMMAND: command, TORCH_PYTHON, SDK_PYTHON } = process.env;
if (baseUrl === undefined) {
  console.log('no real Tinker server was asked: TINKER_BASE_URL is not given');
  process.exit(0);
}
await useBackend('cpu');
const folder = mkdtempSync(join(tmpdir(), 'svo-tinker-'));
const here = (name: string): string => new URL(name, import.meta.url).pathname;
const results: Record<string, unknown> = {};
const record = (name: string, value: unknown): void => {
  results[name] = value;
  console.log(name, JSON.stringify(value));
  writeResults(process.env.TINKER_RESULTS ?? 'tinker-real-server', { machine, ...results });
};

let server: ReturnType<typeof spawn> | undefined;
const healthy = async (): Promise<void> => {
  for (;;) {
    if (
      await fetch(`${baseUrl}/api/v1/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};
const start = async (): Promise<void> => {
  if (command !== undefined) server = spawn(command, { shell: '/bin/bash', detached: true, stdio: 'ignore' });
  await healthy();
};
const killServer = (): void => void (server?.pid !== undefined && process.kill(-server.pid, 'SIGKILL'));
process.on('exit', () => {
  try {
    killServer();
  } catch {
    // It was killed before: there is nobody left to end.
  }
});
await start();

const updates = 20;
const first = await tinkerService({ baseUrl });
const { models } = await first.capabilities();
const baseModel = process.env.TINKER_BASE_MODEL ?? models[0]!.name;
const model = await first.createModel({ baseModel, rank, seed });
record('probe', { reduction: model.reduction, protobuf: model.protobuf });
await model.downloadAdapter('first', join(folder, 'first'));
const loss = dvoAgainst(await model.logps(rows));
const losses: number[] = [];
for (let update = 0; update < updates; update++) losses.push((await model.lossStep(rows, loss, adam)).loss);
record('svo', losses);
await first.close();

const spec = JSON.stringify({ rows, stepIds, credits, beta, adam, rank, seed, alpha: 32, updates });
const farthest = (others: readonly number[]): number =>
  Math.max(...others.map((other, i) => Math.abs(other - losses[i]!))) / losses[0]!;
if (TORCH_PYTHON) {
  const said = execFileSync(TORCH_PYTHON, [here('torch_peer.py'), baseModel, join(folder, 'first'), spec]).toString();
  const torch = JSON.parse(said) as number[];
  record('torch', torch);
  record('torch: largest difference, relative to the first loss', farthest(torch));
} else console.log('torch was not asked: TORCH_PYTHON is not given');
if (SDK_PYTHON) {
  const said = execFileSync(SDK_PYTHON, [here('sdk_peer.py'), baseUrl, baseModel, spec]).toString();
  record('official SDK', JSON.parse(said.trim().split('\n').at(-1)!));
} else console.log('the official SDK was not asked: SDK_PYTHON is not given');

/** Runs one trainee, which `killAfter` milliseconds may end; gives whether it came to its end. */
const dialect = JSON.stringify({ reduction: model.reduction, repeats: false, protobuf: model.protobuf });
const last = 12;
interface Told {
  readonly losses: Map<number, Set<number>>;
  logps?: string;
}
const run = (dir: string, told: Told, killAfter?: number): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--conditions=@svo/source', here('trainee.ts'), dir, `${last}`], {
      env: { ...process.env, TINKER_BASE_MODEL: baseModel, TINKER_DIALECT: dialect },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    child.on('close', () => {
      clearTimeout(timer);
      for (const line of text.split('\n').slice(0, -1)) {
        const { step, loss: value, logps } = JSON.parse(line) as { step?: number; loss?: number; logps?: number[][] };
        if (step !== undefined) told.losses.set(step, (told.losses.get(step) ?? new Set()).add(value!));
        if (logps) told.logps = JSON.stringify(logps);
      }
      resolve(told.logps !== undefined);
    });
  });
const draws = uniforms(splitRng(createRng(5), 1), 64);
const whole: Told = { losses: new Map() };
const began = performance.now();
while (!(await run(join(folder, 'whole'), whole)));
const length = performance.now() - began;
/** Whether every loss that was ever said, and the last log-probs, are the unbroken run's to the last bit. */
const same = (told: Told): boolean =>
  told.logps === whole.logps &&
  [...told.losses].every(([step, values]) => [...values].every((value) => whole.losses.get(step)!.has(value)));
const killed: Told = { losses: new Map() };
let kills = 0;
while (!(await run(join(folder, 'client'), killed, kills < 4 ? length * (0.3 + 0.6 * draws[kills]!) : undefined)))
  kills += 1;
record('kill -9 of the client', { kills, steps: killed.losses.size, same: same(killed) });
if (command !== undefined) {
  const broken: Told = { losses: new Map() };
  let falls = 0;
  let over = false;
  while (!over) {
    const running = run(join(folder, 'server'), broken);
    const end = running.then(() => true);
    const at = length * (0.3 + 0.6 * draws[32 + falls]!);
    const ended = await Promise.race([end, new Promise<false>((resolve) => setTimeout(() => resolve(false), at))]);
    if (!ended && falls < 3) {
      killServer();
      falls += 1;
      await start();
    }
    over = await running;
  }
  record('kill -9 of the server', { kills: falls, steps: broken.losses.size, same: same(broken) });
} else console.log('the server was not killed: TINKER_SERVER_COMMAND is not given');
rmSync(folder, { recursive: true });
process.exit(0);
