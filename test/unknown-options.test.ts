import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const packages = new URL('../packages/', import.meta.url);

/** Every entry of every package, by the name it is imported by. */
const entries = readdirSync(packages).flatMap((name) => {
  const { exports = {} } = JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')) as {
    readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  };
  return Object.entries(exports).flatMap(([path, to]) =>
    typeof to === 'object' ? [[`@svo/${name}${path.slice(1)}`, new URL(`${name}/${to['@svo/source']}`, packages)]] : [],
  ) as [string, URL][];
});

/** The parameters of a function as they are written, cut at the commas between them. */
const parametersOf = (source: string): string[] => {
  const parts: string[] = [''];
  let depth = 0;
  for (const sign of source.slice(source.indexOf('('))) {
    if (')]}'.includes(sign)) depth--;
    if (depth === 0 && sign === ')') return parts.map((part) => part.trim());
    if (depth === 1 && sign === ',') parts.push('');
    else if (depth > 0) parts[parts.length - 1] += sign;
    if ('([{'.includes(sign)) depth++;
  }
  return [];
};

/** Where a function takes options: a parameter of that name, or one that is a record when it is left out. */
const optionsAt = (source: string): number =>
  parametersOf(source).findIndex((parameter) => /^options\b/.test(parameter) || /=\s*\{\s*\}$/.test(parameter));

/** What a call throws or rejects with, whichever way the function answers. */
const thrownBy = async (call: () => unknown): Promise<string> => {
  try {
    const answer = call() as { next?: () => unknown } | undefined;
    await (typeof answer?.next === 'function' ? answer.next() : answer);
    return 'nothing';
  } catch (error) {
    return String((error as Error).message);
  }
};

/** Whose last record is another library's, a file's, a whole state, or known only with the first argument; and the check itself. */
const elsewhere = ['drawPlot', 'tokenizerFromJson', 'tinkerStart', 'lossPlan', 'planFor', 'assertOptions'];

test.each(entries)('%s: no function takes an option that nobody reads', async (_, url) => {
  const exported = (await import(url.href)) as Readonly<Record<string, unknown>>;
  const silent: string[] = [];
  for (const [name, value] of Object.entries(exported)) {
    if (typeof value !== 'function' || /^class\b/.test(String(value)) || elsewhere.includes(name)) continue;
    const at = optionsAt(String(value));
    if (at < 0) continue;
    const others = Array.from({ length: at }, () => []);
    const said = await thrownBy(() => (value as (...given: unknown[]) => unknown)(...others, { nobodyReadsThis: 5 }));
    if (!said.includes("unknown option 'nobodyReadsThis'")) silent.push(`${name} → ${said.slice(0, 80)}`);
  }
  expect(silent).toEqual([]);
});
