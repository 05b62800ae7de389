/** The examples run as a person would run them, and the README shows them as they are. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { type Notebook, runNotebook } from './notebooks/run.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

test('quickstart: under 60 lines, in the README as it is, and it runs', async ({ signal }) => {
  const source = readFileSync(join(import.meta.dirname, 'quickstart.ts'), 'utf8');
  expect(source.split('\n').length).toBeLessThan(60);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(source.trim());
  const script = join(import.meta.dirname, 'quickstart.ts');
  const { stdout } = await run(process.execPath, ['--conditions=@svo/source', script], { signal });
  expect(stdout).toMatch(/^1 .*\(-?\d\.\d\d\) → /m);
  const losses = [...stdout.matchAll(/DVO loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
  expect(losses.length).toBe(5);
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);
});

test('the whole round, on a model here and on a server, by one line: the same draws, losses and answers', async ({
  signal,
}) => {
  const script = join(import.meta.dirname, 'on-a-server.ts');
  const round = async (...where: readonly string[]) => {
    const { stdout } = await run(process.execPath, ['--conditions=@svo/source', script, ...where], { signal });
    const losses = [...stdout.matchAll(/DVO loss (\S+)/g)].map(([, loss]) => Number(loss));
    return { losses, said: stdout.replace(/DVO loss \S+/g, '') };
  };
  const [here, there] = [await round(), await round('there')];
  expect(there.said).toBe(here.said);
  expect(here.said).toMatch(/after: \d+ of 128 right/);
  expect(here.losses.length).toBe(20);
  expect(here.losses.at(-1)!).toBeLessThan(here.losses[0]!);
  const right = (when: string) => Number(new RegExp(`${when}: (\\d+) of`).exec(here.said)![1]);
  expect(right('after')).toBeGreaterThan(right('before'));
  for (const [i, loss] of there.losses.entries())
    expect(Math.abs(loss - here.losses[i]!) / here.losses[0]!).toBeLessThan(1e-6);
});

test('a real model’s whole story, on a tiny GGUF file; a second run has nothing left to do', async ({ signal }) => {
  const folder = await mkdtemp(join(tmpdir(), 'svo-real-model-'));
  const script = (name: string, ...args: readonly string[]) =>
    run(process.execPath, ['--conditions=@svo/source', join(import.meta.dirname, name), ...args], { signal });
  await script('tiny-gguf.ts', join(folder, 'tiny.gguf'));
  const sizes = [
    '--questions',
    '6',
    '--draws',
    '8',
    '--unseen',
    '6',
    '--updates',
    '2',
    '--rows',
    '4',
    '--tokens',
    '40',
  ];
  const story = async () =>
    (await script('real-model.ts', join(folder, 'tiny.gguf'), join(folder, 'run'), ...sizes)).stdout;
  const first = await story();
  expect(first).toMatch(/draws: \d+ of 48 right; both kinds for [1-6] questions/);
  for (const objective of ['rft', 'dpo', 'dvo']) {
    expect(first.match(new RegExp(`^${objective}, update \\d+: loss -?[\\d.]+$`, 'gm'))).toHaveLength(2);
    expect(first).toMatch(new RegExp(`^${objective}, sampled: .* against the base$`, 'm'));
    expect(readdirSync(join(folder, 'run', objective))).toContain('adapter_model.safetensors');
    expect(existsSync(join(folder, 'run', `${objective}.gguf`))).toBe(true);
  }
  const second = await story();
  expect(second).not.toContain('update');
  expect(second).toBe(first.replace(/^\w+, update.*\n/gm, ''));
});

const built = existsSync(join(root, 'packages', 'report', 'dist', 'index.js'));
const deno = (() => {
  try {
    return createRequire(import.meta.url).resolve('deno/package.json') !== '';
  } catch {
    return false;
  }
})();

interface Told {
  readonly name: string;
  readonly pictures: number;
  /** What stands in the cells in place of what: every cell as it is, but for how long it searches and trains. */
  readonly shorter?: Readonly<Record<string, string>>;
}

const notebooks: readonly Told[] = [
  {
    name: '01-first-round',
    pictures: 3,
    shorter: { 'unseen.slice(0, 12)': 'unseen.slice(0, 6)', 'updates: 30': 'updates: 5' },
  },
  {
    name: '02-objectives-side-by-side',
    pictures: 3,
    shorter: {
      'const updates = 8 *': 'const updates = 5 *',
      'all.slice(0, 150), all.slice(150, 270)': 'all.slice(0, 16), all.slice(150, 190)',
      'batchSize: 32, updates: 100': 'batchSize: 16, updates: 2',
      'state.step % 4': 'state.step % 2',
      'iterations: 32': 'iterations: 16',
    },
  },
  { name: '03-credits-and-values', pictures: 6 },
  {
    name: '04-svpo-value-head',
    pictures: 4,
    shorter: {
      'batchSize: 32, updates: 200': 'batchSize: 32, updates: 40',
      'learningRate: 5e-4, updates: 100': 'learningRate: 5e-4, updates: 6',
      'slice(0, 100), rows.slice(100, 180)': 'slice(0, 8), rows.slice(100, 116)',
    },
  },
  {
    name: '05-dqo-token-values',
    pictures: 3,
    shorter: {
      'batchSize: 32, updates: 200': 'batchSize: 32, updates: 40',
      'beta: 0.3, updates: 80': 'beta: 0.3, updates: 3',
      'slice(0, 100), rows.slice(100, 180)': 'slice(0, 8), rows.slice(100, 116)',
    },
  },
  { name: '06-your-own-model', pictures: 2 },
  { name: '07-reading-the-study', pictures: 4 },
  { name: '08-trained-on-its-own-answers', pictures: 4 },
];

test.skipIf(!built || !deno).for(notebooks)(
  'notebook $name: every cell runs in the Deno kernel, and its saved output has the pictures',
  async ({ name, pictures, shorter }, { signal }) => {
    // On the model and the server that the notebook makes for itself, whatever this machine has.
    for (const given of ['SVO_SMOLLM2_GGUF', 'SVO_SERVER_URL']) vi.stubEnv(given, undefined);
    const path = join(import.meta.dirname, 'notebooks', `${name}.ipynb`);
    const drawn = (notebook: Notebook): number => JSON.stringify(notebook.cells).match(/"text\/html"/g)?.length ?? 0;
    expect(drawn(JSON.parse(readFileSync(path, 'utf8')))).toBe(pictures);
    const notebook = await runNotebook(path, signal, shorter);
    expect(drawn(notebook)).toBe(pictures);
    expect(JSON.stringify(notebook)).not.toContain('"output_type":"error"');
  },
);

if (!built || !deno)
  console.log(`the notebooks were not run: ${built ? 'no deno from npm' : 'packages are not built (pnpm run types)'}`);
