/** What a docstring says an option is by default is what the code takes: one number, however often it is told. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaults as cli } from '../packages/cli/src/config/defaults.ts';
import { defaults as lossDefaults } from '../packages/losses/src/shared/defaults.ts';
import { dvoSearch } from '../packages/mcts/src/index.ts';
import { packageFiles } from '../scripts/house/circles.ts';

const root = join(import.meta.dirname, '..');
const number = String.raw`(-?\d[\d_,]*(?:\.\d+)?(?:e-?\d+)?)([²³⁰¹⁴-⁹]*)(?! KiB)( MiB)?`;

/** A number as docstrings write it: 120,000, 2²⁶, 16 MiB. */
function read([digits, exponent, mega]: readonly (string | undefined)[]): number {
  const base = Number(digits!.replaceAll(/[_,]/g, ''));
  const power = [...(exponent ?? '')].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(digit)).join('') || '1';
  return base ** Number(power) * (mega ? 2 ** 20 : 1);
}

const sources = packageFiles(root)
  .filter((file) => !/\.(test|bench)\.ts$|\/(test-support|suites)\//.test(file))
  .map((file) => ({ file: relative(root, file), text: readFileSync(file, 'utf8') }));
const packageOf = (file: string): string => file.split('/')[1]!;

interface Claim {
  readonly file: string;
  readonly option: string;
  readonly said: number;
}

/** `/** …, 0.1 by default *\/ readonly beta?: number`. */
const claims: Claim[] = sources.flatMap(({ file, text }) =>
  [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*readonly (\w+)\?: [^;>]*\bnumber\b[^;>]*;/g)].flatMap(
    ([, doc, option]) => {
      const before = new RegExp(`${number} by default`).exec(doc!);
      const after = new RegExp(`[Dd]efault:? ${number}`).exec(doc!);
      const said = before ?? after;
      return said === null ? [] : [{ file, option: option!, said: read(said.slice(1)) }];
    },
  ),
);

/** What a package's code takes for an option that is not given: in a destructuring, after `??`, in a manifest, in a table of defaults. */
function taken(name: string, option: string): number[] {
  const own = sources.filter(({ file }) => packageOf(file) === name).map(({ text }) => text);
  const expressions = own.flatMap((text) => {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
    return [
      ...code.matchAll(new RegExp(`\\b${option}(?:: \\w+)? = ([^,;})]+)`, 'g')),
      ...code.matchAll(new RegExp(`\\b${option} \\?\\? ([^,;})]+)`, 'g')),
      ...code.matchAll(new RegExp(`\\b${option}: is\\.\\w+\\(([^,)]*)`, 'g')),
      ...code.matchAll(new RegExp(`^\\s*${option}: ([\\d_.e-]+),?$`, 'gm')),
      ...code.matchAll(new RegExp(`[{,] ${option}: ([\\d_.e-]+)[ ,]`, 'g')),
    ].map(([, expression]) => expression!);
  });
  return expressions.map((expression) => numberOf(expression, own)).filter((value) => value !== undefined);
}

/** The number of an expression: written out, a product or power of such, or a name that the package gives a number to. */
function numberOf(expression: string, own: readonly string[]): number | undefined {
  const text = expression.trim();
  if (text === '') return lossDefaults.beta; // `is.beta()`
  if (/^[\d_.\se*-]+$/.test(text)) return text.split(' * ').reduce((product, one) => product * power(one), 1);
  const named = /(\w+)$/.exec(text)?.[1];
  for (const code of own) {
    const [, found] =
      new RegExp(`\\b${named}(?:: (?=[\\d-])|(?:: number)? = )([\\d_.e*\\s-]+)[,;\\n]`).exec(code) ?? [];
    if (found !== undefined) return numberOf(found, own);
  }
  return undefined;
}
const power = (text: string): number => {
  const [base, exponent = '1'] = text.split(' ** ');
  return Number(base!.replaceAll('_', '')) ** Number(exponent);
};

test('a hundred options say what they are by default', () => {
  expect(claims.length).toBeGreaterThan(100);
});

describe.each([...new Set(claims.map(({ file }) => packageOf(file)))])('%s', (name) => {
  test('says of its options what it takes', () => {
    const wrong = claims
      .filter(({ file }) => packageOf(file) === name)
      .map((claim) => ({ ...claim, taken: [...new Set(taken(name, claim.option))] }))
      .filter((claim) => !claim.taken.includes(claim.said))
      .map(({ file, option, said, taken: values }) => `${file}: ${option} is said to be ${said}, taken: ${values}`);
    expect(wrong).toEqual([]);
  });
});

test('svo searches as DVO does, with a fifth of its iterations', () => {
  const { breadth, depth } = dvoSearch();
  expect(cli.search).toMatchObject({ breadth, depth });
});
