import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** TypeScript files under a folder; node_modules and what is built are not entered. */
export const filesOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(node_modules|dist|assembly)$/.test(entry.name) ? [] : filesOf(path);
    return entry.isFile() && entry.name.endsWith('.ts') ? [path] : [];
  });

/** What a file imports or passes on, types included. */
export const importsOf = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8').matchAll(/^\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'/gm),
  ].map(([, from, bare]) => (from ?? bare)!);

/** Sources of all packages, tests and assembly included. */
export function packageFiles(root: string): string[] {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  return folders.flatMap((folder) => [
    ...filesOf(join(folder, 'src')),
    ...(existsSync(join(folder, 'assembly')) ? filesOf(join(folder, 'assembly')) : []),
  ]);
}

/** Groups of files of the packages that all lead to one another, by value, by type or in assembly. */
export function circles(root: string): string[][] {
  return circlesOf(new Map(packageFiles(root).map((file) => [file, neighboursOf(file)])));
}

/** The files of the same package a file names, as value or as type; assembly leaves the ending out. */
function neighboursOf(file: string): string[] {
  return importsOf(file)
    .filter((from) => from.startsWith('.'))
    .map((from) => join(file, '..', from.endsWith('.ts') ? from : `${from}.ts`));
}

/** Tarjan 1972. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    let low = number;
    open.push(file);
    for (const next of graph.get(file) ?? [])
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next)!);
    if (low === number) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1 || graph.get(file)?.includes(file)) found.push(group);
    }
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}
