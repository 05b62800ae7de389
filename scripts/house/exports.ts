import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package's public names by entry point (`@svo/losses`, `@svo/losses/reference`), as its index files list them. */
export function publicNames(root: string): Readonly<Record<string, readonly string[]>> {
  const entries = readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name);
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    };
    return Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string'
        ? []
        : [[`@svo/${name}${path.slice(1)}`, namesIn(join(folder, target['@svo/source']!))] as const],
    );
  });
  return Object.fromEntries(entries);
}

/** Index files name what they export one by one (the architecture test sees to that), or declare it. */
function namesIn(file: string): string[] {
  const text = readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '');
  const listed = [...text.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)].flatMap(([, names]) =>
    names!.split(',').flatMap((item) => /(\w+)\s*$/.exec(item)?.[1] ?? []),
  );
  const spaces = [...text.matchAll(/export\s+\*\s+as\s+(\w+)/g)].map(([, name]) => name!);
  const own = [...text.matchAll(/export\s+(?:async\s+)?(?:const|function|type|interface|class)\s+(\w+)/g)];
  return [...listed, ...spaces, ...own.map(([, name]) => name!)].toSorted();
}
