/** The packages as npm would publish them, in a project outside the workspace: what people get, and what it costs them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { onNode } from './packed/on-node.ts';
import { packedProject } from './packed/project.ts';
import { publishFaults, tarballs } from './packed/publish.ts';
import { apiReports, refresh, reportsFolder } from './packed/reports.ts';
import { type Sizes, sizesOf } from './packed/sizes.ts';
import { strictFaults } from './packed/strict.ts';
import { svoOnNode } from './packed/svo-on-node.ts';

let project: string;
beforeAll(async () => {
  project = await packedProject();
});

/** The Node that runs the tests, and the one people have: the first on the PATH that npm has not put there. */
const others = (process.env.PATH ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .filter((node) => existsSync(node))
  .slice(0, 1);
const nodes = [process.execPath, ...others]
  .map((node) => ({ node, version: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim() }))
  .filter(({ version }, i, all) => all.findIndex((one) => one.version === version) === i)
  .filter(({ version }) => Number(/\d+/.exec(version)![0]) >= 20);

test.for(nodes)(
  'on Node $version: every entry point is imported, the quickstart searches and trains',
  async ({ node, version }, { signal }) => {
    const tried = await onNode(node, project, signal);
    expect(tried.version).toBe(version);
    expect(Object.values(tried.exports).every((count) => count > 0)).toBe(true);
    expect(tried.losses).toHaveLength(5);
    expect(tried.losses.at(-1)!).toBeLessThan(tried.losses[0]!);
    expect(tried.warnings).toBe('');
  },
);

test.for(nodes)(
  'on Node $version: svo trains a model on a chat JSONL, from a TypeScript configuration',
  async ({ node }) => {
    const { folder, done } = await svoOnNode(node, project);
    expect(done).toMatchObject({ event: 'done', objective: 'dpo', updates: 8 });
    expect(done.last).toBeLessThan(done.first);
    expect(existsSync(join(folder, 'runs', 'train', 'model', 'model.safetensors'))).toBe(true);
  },
);

test('every package as npm would publish it: publint and attw find no fault, and nothing travels that only tests need', async () => {
  const packed = Object.entries(tarballs(project));
  const all = [...readdirSync(join(import.meta.dirname, '..', 'packages')), 'main'].map((name) => `@svo/${name}`);
  expect(packed.map(([name]) => name).toSorted()).toEqual(all.toSorted());
  for (const [name, tarball] of packed) expect(await publishFaults(name, tarball), name).toEqual([]);
});

test('every block of the READMEs, guides and docstrings compiles under strict and noUncheckedIndexedAccess', () => {
  expect(strictFaults(project)).toEqual([]);
});

describe(`as the reports say (${refresh} writes them anew)`, () => {
  test('sizes: no more than one loss may cost, and what the report says within 3 %', async () => {
    const said = JSON.parse(readFileSync(join(reportsFolder, 'sizes.json'), 'utf8')) as Record<string, Sizes>;
    const sizes = await sizesOf(project);
    expect(Object.keys(sizes)).toEqual(Object.keys(said));
    // The report holds a tenth of a megabyte: of a small package that is more than 3 %.
    const rounding = 0.1;
    for (const [name, { installedMB, gzipKB }] of Object.entries(sizes)) {
      const allowed = said[name]!;
      expect(Math.abs(installedMB - allowed.installedMB), `${name}: ${installedMB} MB`).toBeLessThan(
        Math.max(0.03 * allowed.installedMB, rounding),
      );
      expect(Math.abs(gzipKB / allowed.gzipKB - 1), `${name}: ${gzipKB} KB`).toBeLessThan(0.03);
    }
    expect(sizes['one loss']!.installedMB).toBeLessThan(120);
    expect(sizes['one loss']!.gzipKB).toBeLessThan(110);
  });

  test('what each package exports, with its signatures', () => {
    for (const [file, text] of Object.entries(apiReports(project)))
      expect(text, file).toBe(readFileSync(join(reportsFolder, file), 'utf8'));
  });
});
