/** Every example the project shows is run, and every value shown after `// =>` is what it gives. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { checkedModule, documentedBlocks } from './documented-code.ts';
import { check } from './shown-value.ts';

const root = join(import.meta.dirname, '..');
const folder = join(import.meta.dirname, '.examples');
const blocks = documentedBlocks(root);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('there are examples to run', () => {
  expect(blocks.length).toBeGreaterThan(20);
  console.log(`${blocks.length} documented examples`);
});

test.each(blocks.map((block, index) => [block.place, block, index] as const))('%s', async (_place, block, index) => {
  const file = join(folder, `block-${index}.ts`);
  writeFileSync(file, checkedModule(block, '../shown-value.ts'));
  await import(/* @vite-ignore */ pathToFileURL(file).href);
});

test('a wrong value would be noticed', async () => {
  await expect(check(0.6171, () => 0.617, '0.617')).resolves.toBeUndefined();
  await expect(check(0.619, () => 0.617, '0.617')).rejects.toThrow('shown: 0.617');
  await expect(check([1, 2], () => [1, 3], '[1, 3]')).rejects.toThrow('got: [1,2]');
  await expect(check(new Int32Array([1, 2]), () => [1, 2], '[1, 2]')).resolves.toBeUndefined();
  await expect(check({ a: 1 }, () => ({ a: 1, b: 2 }), '{ a: 1, b: 2 }')).rejects.toThrow('shown');
});
