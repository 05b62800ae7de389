/** What a package promises: every public name with its declaration, read from the .d.ts files that are published. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A file's own declarations by name, and the names it passes on from others. */
interface Declarations {
  readonly own: ReadonlyMap<string, readonly string[]>;
  readonly passed: readonly { readonly name: string; readonly from: string; readonly original: string }[];
}

/** The report of one entry point: `name` lines in order, each with its declaration, comments left out. */
export function apiOf(entry: string): string {
  return declarationsOf(entry)
    .passed.map(({ name, original, from }) => [name, passedOn(entry, from, original)] as const)
    .concat([...declarationsOf(entry).own].map(([name, texts]) => [name, texts] as const))
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, texts]) => texts.map((text) => (text.includes(name) ? text : `${name} = ${text}`)).join('\n'))
    .join('\n');
}

/** Where a name is declared, through files that only pass it on. */
function declared(file: string, name: string): readonly string[] {
  const { own, passed } = declarationsOf(file);
  if (own.has(name)) return own.get(name)!;
  const through = passed.find((one) => one.name === name);
  if (through === undefined) throw new Error(`${relative('.', file)} declares no ${name}`);
  return passedOn(file, through.from, through.original);
}

/** What a file passes on: a declaration of its own package, or another package's name. */
const passedOn = (file: string, from: string, name: string): readonly string[] =>
  from.startsWith('.') ? declared(join(dirname(file), from), name) : [`${name} of ${from}`];

const read = new Map<string, Declarations>();

function declarationsOf(path: string): Declarations {
  const file = path.replace(/(?:\.d)?\.(?:ts|js)$/, '.d.ts');
  const before = read.get(file);
  if (before !== undefined) return before;
  const own = new Map<string, string[]>();
  const passed: Declarations['passed'][number][] = [];
  for (const text of statements(readFileSync(file, 'utf8'))) {
    const lists = /^export (?:type )?\{(?<names>[^}]*)\}(?: from ["'](?<from>[^"']+)["'])?;?$/.exec(text)?.groups;
    const name = /^export (?:declare )?(?:abstract )?(?:function|const|class|interface|type|enum) (\w+)/.exec(
      text,
    )?.[1];
    if (lists !== undefined)
      for (const item of lists
        .names!.split(',')
        .map((part) => part.trim().replace(/^type /, ''))
        .filter(Boolean)) {
        const [original, renamed] = item.split(' as ') as [string, string | undefined];
        if (lists.from !== undefined) passed.push({ name: renamed ?? original, from: lists.from, original });
        else own.set(renamed ?? original, [`namespace ${original}`]);
      }
    else if (name !== undefined)
      own.set(name, [...(own.get(name) ?? []), text.replace(/^export (?:declare )?/, '').replace(/;$/, '')]);
  }
  const found = { own, passed };
  read.set(file, found);
  return found;
}

/** Top-level statements without comments, each on one line. */
function statements(source: string): string[] {
  const plain = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found: string[] = [];
  for (const line of plain.split('\n')) {
    if (/^(?:export|import|declare|type|interface|const|function|class)\b/.test(line)) found.push(line);
    else if (found.length > 0) found.push(`${found.pop()}\n${line}`);
  }
  return found.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}
