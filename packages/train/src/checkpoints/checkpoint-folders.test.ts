import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listCheckpoints, nameCheckpoint } from './checkpoint-folders.ts';

it('checkpoints are listed by step and turn, not by spelling; anything else is none', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'svo-list-'));
  for (const name of [
    'step-00000010.2',
    'step-00000010',
    'step-00000009',
    'step-100000000',
    '.saving-1-step-3',
    'step-x',
    'notes',
  ])
    await mkdir(join(dir, name));
  const found = await listCheckpoints(dir);
  expect(found.map(({ name }) => name)).toEqual([
    'step-00000009',
    'step-00000010',
    'step-00000010.2',
    'step-100000000',
  ]);
  expect(nameCheckpoint(10, found)).toBe('step-00000010.3');
  expect(nameCheckpoint(11, found)).toBe('step-00000011');
  expect(await listCheckpoints(join(dir, 'absent'))).toEqual([]);
});
