import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { controlBytes, jobs, slots } from './jobs.ts';

const source = (name: string): Promise<string> =>
  readFile(new URL(`../../assembly/${name}.ts`, import.meta.url), 'utf8');

it('the kinds of job are those of the other side, in both directions', async () => {
  const cases = [...(await source('tasks')).matchAll(/case (\d+): return (\w+?)(?:Task)?\(/g)];
  expect(Object.fromEntries(cases.map(([, number, name]) => [name, Number(number)]))).toEqual(jobs);
});

it('what is written into the control block is written where the other side reads it', async () => {
  const control = await source('control');
  const place = (name: string): number => Number(new RegExp(`const ${name}: usize = (\\d+);`).exec(control)![1]);
  expect(slots).toEqual({
    scratch: place('SCRATCH'),
    scratchBytes: place('SCRATCH_BYTES'),
    values: place('ARGUMENTS'),
  });
  expect(controlBytes).toBeGreaterThan(place('CONSTANTS'));
});
