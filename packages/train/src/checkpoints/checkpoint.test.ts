import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeSafetensors } from '@svo/files';
import { tf } from '@svo/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disposeTensors, tensorsIn } from '../params.ts';
import type { TrainState } from '../types.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';

const run = promisify(execFile);
const saver = fileURLToPath(new URL('../test-support/save-forever.ts', import.meta.url));
const node = [process.execPath, '--conditions=@svo/source', saver] as const;

const stateAt = (step: number): TrainState => ({
  step,
  tokens: 10 * step,
  params: { 'model.norm.weight': tf.tensor1d([0.1, -0, step]), 'a/b': tf.tensor2d([[1e-40]]) },
  optimizer: { adamw: { counts: { 'a/b': 3 }, first: { 'a/b': tf.tensor2d([[0.25]]) } } },
  cursor: { epoch: 1, batch: 2, seed: -7 },
});
const flat = async (state: unknown) =>
  JSON.stringify(
    await Promise.all(
      tensorsIn(state).map(async (t) => [t.shape, [...new Uint32Array((await t.data()).slice().buffer)]]),
    ),
  );

describe('checkpoints', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'svo-checkpoint-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('give back every bit: weights, moments, counts, cursor', async () => {
    const state = stateAt(5);
    const path = await saveCheckpoint(dir, state);
    expect(path).toBe(join(dir, 'step-00000005'));
    const loaded = await loadCheckpoint(dir);
    expect(await flat(loaded.params)).toBe(await flat(state.params));
    expect(await flat(loaded.optimizer)).toBe(await flat(state.optimizer));
    // Also their order: the gradient norm sums over parameters, and another order would round differently.
    expect(Object.keys(loaded.params)).toEqual(Object.keys(state.params));
    expect({ ...loaded, params: 0, optimizer: 0 }).toEqual({ ...state, params: 0, optimizer: 0 });
    expect((loaded.optimizer.adamw as { counts: object }).counts).toEqual({ 'a/b': 3 });
    disposeTensors(state);
  });

  it("keep the weights in a file of their own, under the parameters' names", async () => {
    const path = await saveCheckpoint(dir, stateAt(1));
    const { metadata, tensors } = decodeSafetensors(await readFile(join(path, 'model.safetensors')));
    expect(Object.keys(tensors).sort()).toEqual(['a/b', 'model.norm.weight']);
    expect(metadata).toEqual({ format: 'pt' });
  });

  it('are found newest first, saved twice without overwriting, and pruned only after the new one is safe', async () => {
    for (const step of [1, 2, 10]) await saveCheckpoint(dir, stateAt(step));
    expect((await loadCheckpoint(dir)).step).toBe(10);
    expect((await loadCheckpoint(join(dir, 'step-00000002'))).step).toBe(2);
    expect(await saveCheckpoint(dir, stateAt(10), { keep: 2 })).toBe(join(dir, 'step-00000010.2'));
    expect((await readdir(dir)).sort()).toEqual(['step-00000010', 'step-00000010.2']);
  });

  it('leak nothing and consume nothing', async () => {
    const state = stateAt(1);
    const before = tf.memory().numTensors;
    await saveCheckpoint(dir, state);
    expect(tf.memory().numTensors).toBe(before);
    disposeTensors(await loadCheckpoint(dir));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('can be saved side by side', async () => {
    await Promise.all([1, 2, 3].map((step) => saveCheckpoint(dir, stateAt(step))));
    expect((await readdir(dir)).sort()).toEqual(['step-00000001', 'step-00000002', 'step-00000003']);
  });

  it('say so when there is none, when one is damaged, and when a number would not survive', async () => {
    await expect(loadCheckpoint(dir)).rejects.toThrow(`loadCheckpoint: dir must hold a checkpoint, got none in ${dir}`);
    await expect(loadCheckpoint(join(dir, 'absent'))).rejects.toThrow('got none');
    const path = await saveCheckpoint(dir, stateAt(1));
    const file = join(path, 'model.safetensors');
    const bytes = await readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(file, bytes);
    await expect(loadCheckpoint(dir)).rejects.toThrow('is damaged: its SHA-256 is');
    await writeFile(join(path, 'state.json'), '{"format":"svo-checkpoint-1","params":[]}');
    await expect(loadCheckpoint(dir)).rejects.toThrow('must hold params, state and sha256, got format,params');
    await writeFile(join(path, 'state.json'), '{"format":');
    await expect(loadCheckpoint(dir)).rejects.toThrow(`loadCheckpoint: ${join(path, 'state.json')} cannot be read`);
    await expect(saveCheckpoint(dir, { ...stateAt(1), tokens: Number.NaN })).rejects.toThrow(
      'tokens must be a finite number, got NaN',
    );
    await expect(saveCheckpoint(dir, stateAt(1), { keep: 0 })).rejects.toThrow('keep must be ≥ 1, got 0');
  });

  it('survive a full disk: the last good one stays, the half-written one goes', async () => {
    // A file size limit makes the kernel refuse a write half way, as a full disk does; 200 blocks are too few for the weights.
    const script = `trap '' XFSZ; ulimit -f 200; exec "$@"`;
    await saveCheckpoint(dir, stateAt(1));
    const { stdout } = await run('bash', ['-c', script, 'bash', ...node, dir, '1']);
    expect(stdout).toContain('save failed: EFBIG');
    expect(await readdir(dir)).toEqual(['step-00000001']);
    expect((await loadCheckpoint(dir)).step).toBe(1);
  });

  it('survive kill -9 at any moment', async () => {
    await saveCheckpoint(dir, stateAt(1));
    let saved = 1;
    for (const delay of [0, 3, 7, 12, 20]) {
      const child = spawn(node[0], [...node.slice(1), dir, 'forever'], { stdio: ['ignore', 'pipe', 'inherit'] });
      saved = Math.max(saved, await lastSavedBeforeKill(child, delay));
      const state = await loadCheckpoint(dir);
      expect(state.step).toBeGreaterThanOrEqual(saved);
      disposeTensors(state);
    }
    expect(saved).toBeGreaterThan(1);
    // The next save sweeps away what the killed processes left.
    await saveCheckpoint(dir, stateAt(1_000_000));
    expect((await readdir(dir)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

/** Waits for the child's first finished save, then kills it `delay` ms later; what it reported as saved must be on disk. */
async function lastSavedBeforeKill(child: ChildProcess, delay: number): Promise<number> {
  let last = 0;
  const exited = once(child, 'exit');
  child.stdout!.on('data', (data: Buffer) => {
    const steps = [...data.toString().matchAll(/saved (\d+)/g)].map((match) => Number(match[1]));
    if (last === 0 && steps.length > 0) setTimeout(() => child.kill('SIGKILL'), delay);
    last = Math.max(last, ...steps);
  });
  await exited;
  return last;
}
