/** The packed packages under one Node: every entry point is imported, and the quickstart searches and trains. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { entryPoints } from './project.ts';

const run = promisify(execFile);
const quickstart = join(import.meta.dirname, '..', '..', 'examples', 'quickstart.ts');

/** What a Node said. */
export interface Tried {
  readonly version: string;
  /** Exports of each entry point. */
  readonly exports: Readonly<Record<string, number>>;
  /** The losses of the quickstart's five DVO updates. */
  readonly losses: readonly number[];
  readonly warnings: string;
}

export async function onNode(node: string, project: string, signal?: AbortSignal): Promise<Tried> {
  const script = `
    const exports = {};
    for (const name of ${JSON.stringify(entryPoints())}) {
      const module = await import(name);
      for (const [key, value] of Object.entries(module))
        if (value === undefined) throw new Error(name + ' exports ' + key + ' as undefined');
      exports[name] = Object.keys(module).length;
    }
    console.log(JSON.stringify({ version: process.version, exports }));`;
  const options = { cwd: project, ...(signal === undefined ? {} : { signal }) };
  const imported = await run(node, ['--input-type=module', '--eval', script], options);
  const file = join(project, 'quickstart.mjs');
  writeFileSync(file, stripTypeScriptTypes(readFileSync(quickstart, 'utf8')));
  const { stdout, stderr } = await run(node, [file], options);
  return {
    ...JSON.parse(imported.stdout),
    losses: [...stdout.matchAll(/DVO loss ([\d.]+)/g)].map(([, loss]) => Number(loss)),
    warnings: imported.stderr + stderr,
  };
}
