/** The committed reports: a change to what packages export or cost shows in them. `node test/packed/reports.ts` writes them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiOf } from './api.ts';
import { entryPoints, packedProject } from './project.ts';
import { sizesOf } from './sizes.ts';

export const reportsFolder: string = join(import.meta.dirname, '..', '..', 'reports');
/** The command a failing test names. */
export const refresh = 'pnpm reports';

/** The text of each report of an entry point, by its place under the reports' folder. */
export function apiReports(project: string): Record<string, string> {
  return Object.fromEntries(
    entryPoints().map((name) => {
      const [, packageName, ...path] = name.split('/');
      const folder = join(project, 'node_modules', '@svo', packageName!);
      const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        exports: Record<string, { types: string }>;
      };
      const { types } = exports[['.', ...path].join('/')]!;
      return [`api/${[packageName, ...path].join('.')}.txt`, `${apiOf(join(folder, types))}\n`];
    }),
  );
}

/** Seconds a fresh Node takes to import a package: for people to read, never compared. */
const importSeconds = (project: string, name: string): number =>
  Math.min(
    ...Array.from({ length: 5 }, () => {
      const script = `const t = performance.now(); await import('${name}'); console.log(performance.now() - t);`;
      const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: project });
      return Number(said) / 1e3;
    }),
  );

if (process.argv[1] === import.meta.filename) {
  const project = await packedProject();
  rmSync(reportsFolder, { recursive: true, force: true });
  mkdirSync(join(reportsFolder, 'api'), { recursive: true });
  for (const [file, text] of Object.entries(apiReports(project))) writeFileSync(join(reportsFolder, file), text);
  const rounded = Object.entries(await sizesOf(project)).map(
    ([name, { installedMB, gzipKB }]) =>
      [name, { installedMB: Number(installedMB.toFixed(1)), gzipKB: Number(gzipKB.toFixed(1)) }] as const,
  );
  writeFileSync(join(reportsFolder, 'sizes.json'), `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`);
  console.table(
    Object.fromEntries(
      rounded.map(([name, sizes]) => {
        const imported = importSeconds(project, name === 'one loss' ? '@svo/losses' : name);
        return [name, { ...sizes, importSeconds: Number(imported.toFixed(2)) }];
      }),
    ),
  );
}
