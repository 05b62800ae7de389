/** Finds every `ts` block that the project shows to people, and turns `expression; // => value` into a check. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One block as people see it, and where. */
export interface Block {
  readonly place: string;
  readonly code: string;
}

/** `ts` blocks of README.md files, of docs, and of every `@example` in the packages' sources. */
export function documentedBlocks(root: string): Block[] {
  const markdown = [
    'README.md',
    ...list(root, 'docs', '.md'),
    ...readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'README.md')),
  ].filter((file) => existsSync(join(root, file)));
  const sources = list(root, 'packages', '.ts').filter((file) => !/\.test\.ts$|\.d\.ts$|[\\/]dist[\\/]/.test(file));
  return [
    ...markdown.flatMap((file) => fencedBlocks(root, file, (text) => text)),
    ...sources.flatMap((file) => fencedBlocks(root, file, exampleText)),
  ];
}

function list(root: string, folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function fencedBlocks(root: string, file: string, prepare: (text: string) => string): Block[] {
  const text = prepare(readFileSync(join(root, file), 'utf8'));
  return [...text.matchAll(/^```ts\s*\n([\s\S]*?)^```/gm)].map((match) => ({
    place: `${file}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1]!,
  }));
}

/** Comment lines without their stars, everything else blank, so that line numbers stay. */
const exampleText = (source: string): string =>
  source
    .split('\n')
    .map((line) => /^\s*\* ?(.*)$/.exec(line)?.[1] ?? '')
    .join('\n');

const shown =
  /^(?<indent>\s*)(?<declare>(?:const|let)\s+(?<name>\w+)(?:\s*:\s*[^=]+)?\s*=\s*)?(?<expression>[^\s].*?);?\s*\/\/ => (?<value>.+)$/;

/** A block as a module that throws when a shown value is not what the code gives. */
export function checkedModule({ place, code }: Block, checker: string): string {
  const lines = code.split('\n').map((line) => {
    const parts = shown.exec(line)?.groups;
    if (!parts) return line;
    const { declare, name, expression, value } = parts;
    const check = (actual: string) => `await check(${actual}, () => (${value}), ${JSON.stringify(value)});`;
    return declare ? `${declare}${expression}; ${check(name!)}` : check(expression!);
  });
  return `// from ${place}\nimport { check } from ${JSON.stringify(checker)};\n${lines.join('\n')}\nexport {};\n`;
}
