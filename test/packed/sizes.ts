/** What a package costs: megabytes installed with all it depends on, kilobytes gzipped in a bundle for browsers. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** In units of 1e6 and 1e3 bytes. */
export interface Sizes {
  readonly installedMB: number;
  readonly gzipKB: number;
}

/** One loss, its tensors and the cpu backend: what is bundled under `one loss`. */
const oneLoss = `import { dvoLoss } from '@svo/losses';
import { tf } from '@svo/tensor';
const [policyLogps, referenceLogps, credits, mask] = [-3, -4, 0.25, 1].map((x) => tf.tensor2d([[x]]));
console.log(dvoLoss({ policyLogps, referenceLogps, credits, mask }).dataSync());`;

export async function sizesOf(project: string): Promise<Record<string, Sizes>> {
  const names = readdirSync(join(project, 'node_modules', '@svo')).toSorted();
  const rows: [string, Sizes][] = [];
  for (const name of names) {
    const whole = `import * as all from '@svo/${name}'; console.log(all);`;
    rows.push([
      `@svo/${name}`,
      { installedMB: installed(project, `@svo/${name}`), gzipKB: await bundled(project, whole) },
    ]);
  }
  rows.push(['one loss', { installedMB: installed(project, '@svo/losses'), gzipKB: await bundled(project, oneLoss) }]);
  return Object.fromEntries(rows);
}

/** A package and all it depends on, each once; optional peers are not counted: nobody gets them unasked. */
function installed(project: string, name: string): number {
  const folders = new Set<string>();
  const visit = (wanted: string, from: string): void => {
    const folder = folderOf(wanted, from);
    if (folders.has(folder)) return;
    folders.add(folder);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(dependencies)) visit(dependency, folder);
  };
  visit(name, project);
  return [...folders].reduce((sum, folder) => sum + bytesUnder(folder), 0) / 1e6;
}

function folderOf(name: string, from: string): string {
  for (const folder of createRequire(join(from, 'package.json')).resolve.paths(name) ?? [])
    try {
      if (statSync(join(folder, name, 'package.json')).isFile()) return join(folder, name);
    } catch {
      // Not here: the next folder up.
    }
  throw new Error(`${name} is not installed for ${dirname(from)}`);
}

const bytesUnder = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + bytesUnder(path);
    return sum + (entry.isFile() ? statSync(path).size : 0);
  }, 0);

async function bundled(project: string, contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    splitting: true,
    outdir: 'unused',
    logLevel: 'error',
    external: ['node:*', ...builtinModules],
  });
  // What is imported later, by those who ask for it, is another file.
  const entry = outputFiles.find(({ path }) => /stdin\.js$/.test(path))!;
  const statically = reached(
    entry.text,
    new Map(outputFiles.map((file) => [file.path.split(/[\\/]/).at(-1)!, file.text])),
  );
  return gzipSync(statically.join('\n'), { level: 9 }).length / 1e3;
}

/** A file of a bundle and those it imports at once. */
function reached(text: string, files: ReadonlyMap<string, string>, seen = new Set<string>()): string[] {
  const next = [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, name]) => name!);
  return [
    text,
    ...next.flatMap((name) => {
      if (seen.has(name)) return [];
      seen.add(name);
      return reached(files.get(name)!, files, seen);
    }),
  ];
}
