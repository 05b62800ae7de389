import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { backendsHere } from '../testing/backends-here.ts';

const unlimited = spawnSync('prlimit', ['--version']).status === 0;
const reason = unlimited ? (await backendsHere(['webgpu']))[0]?.reason : 'no prlimit to take room away with';

test.skipIf(reason !== undefined)('webgpu: a driver without room is an OutOfMemoryError, and work goes on', () => {
  const program = fileURLToPath(new URL('test-support/out-of-driver-memory.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--conditions=@svo/source', program], { encoding: 'utf8' });
  const said = JSON.parse(/^result (.*)$/m.exec(output)![1]!);
  expect(said.refused).toMatch(/^OutOfMemoryError: webgpu: no room for what an operation needs inside/);
  const lost = 'OutOfMemoryError: webgpu, for a tensor that was computed when memory had run out';
  expect(said.lost).toContain(lost);
  expect(said.used).toContain(lost);
  expect(said).toMatchObject({ early: '1,4,9', work: '14', again: '8,8' });
});
