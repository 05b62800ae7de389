/** Hostile input: nothing is executed, nothing throws, every call ends within its work budget and answers the same again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultWork } from '../budget.ts';
import { extractAnswer, isEquivalent, verifyAnswer } from '../index.ts';
import { fuzzCase } from '../test-support/fuzz.ts';
import { whole } from '../test-support/whole.ts';

/** The escapes published against mathjs's evaluator, python's eval and template engines, in our own words where they are long. */
const escapes = [
  'cos.constructor("return process")()',
  '["//","a/*\\nreturn globalThis.pwned=1"]._data.map(cos.constructor)[1]()',
  'import({matrix:cos.constructor},{override:1});x=["globalThis.pwned=1"];x()',
  'f(x)=x; f.constructor("globalThis.pwned=1")()',
  'cos.constructor.constructor("globalThis.pwned = 1")()',
  '{}.constructor.assign(cos.constructor, {bind: null})',
  'parse("x").constructor.prototype',
  'simplify("0", {}).constructor("globalThis.pwned=1")()',
  'expression.node.toString.constructor("globalThis.pwned=1")()',
  '\\constructor{globalThis.pwned=1}',
  '\\__proto__ + \\toString + \\hasOwnProperty',
  'x_{constructor} + x_{__proto__}',
  "__import__('os').system('true')",
  `${'$'}{globalThis.pwned=1}`,
];

test('published escapes reach nothing: no evaluation, no prototype, no module', () => {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  const reached: string[] = [];
  const original = globalThis.Function.prototype.constructor;
  for (const text of escapes) {
    for (const wrapped of [text, `$${text}$`, `\\boxed{${text}}`, `Final Answer: ${text}`]) {
      expect(isEquivalent('2', wrapped).equivalent, wrapped).not.toBe(true);
      expect(verifyAnswer('2', wrapped).equivalent, wrapped).not.toBe(true);
      isEquivalent(wrapped, wrapped);
      if ('pwned' in globalThis) reached.push(wrapped);
    }
  }
  expect(reached).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype).length).toBe(before);
  expect(globalThis.Function.prototype.constructor).toBe(original);
});

test('the package evaluates no text and imports nothing that could: no eval, no Function, only @svo/mdp', () => {
  const folder = new URL('../', import.meta.url);
  const shipped = (readdirSync(folder, { recursive: true }) as string[]).filter(
    (name) => name.endsWith('.ts') && !/\.test\.ts$|^test-support/.test(name),
  );
  expect(shipped.length).toBeGreaterThan(30);
  for (const file of shipped) {
    const source = readFileSync(new URL(file, folder), 'utf8');
    expect(source, file).not.toMatch(/\beval\(|new Function|\bFunction\(|import\(/);
    for (const [, from] of source.matchAll(/from '([^']+)'/g))
      expect(from, file).toMatch(/^\.\.?\/|^@svo\/mdp$|^@svo\/verify$/);
    // The package's own name stands in examples alone.
    for (const [line] of source.matchAll(/^.*@svo\/verify.*$/gm)) expect(line, file).toMatch(/^ \* /);
  }
});

const megabyte = 1_000_000;
const bombs: Readonly<Record<string, string>> = {
  'tower of powers': `${'9^'.repeat(2000)}9`,
  'braced tower': `${'9^{'.repeat(300)}9${'}'.repeat(300)}`,
  factorials: '((((9!)!)!)!)!',
  'large factorial': '10000000000!',
  'sum of factorials': '\\sum_{k=1}^{2000} k!',
  'nested sums': '\\sum_{a=1}^{2000}\\sum_{b=1}^{2000}\\sum_{c=1}^{2000} abc',
  'harmonic number': '\\sum_{k=1}^{2000} \\frac{1}{k}',
  'unlike denominators': [7, 11, 13, 17, 19, 23].map((p) => `1/${p}^{999}`).join('+'),
  'open braces': '{'.repeat(megabyte),
  'open parentheses': '('.repeat(megabyte),
  'nested parentheses': `${'('.repeat(2500)}x${')'.repeat(2500)}`,
  'nested fractions': `${'\\frac{1}{'.repeat(500)}1${'}'.repeat(500)}`,
  'mixed numbers in mixed numbers': `${'1\\frac{'.repeat(400)}1${'}{2}'.repeat(400)}`,
  'nested text groups': '\\text{'.repeat(900),
  'open boxes': '\\boxed{'.repeat(100_000),
  'many boxes': '\\boxed{1} and '.repeat(50_000),
  'many dollars': '$'.repeat(megabyte),
  'many spaces': `${' '.repeat(megabyte)}1`,
  'many newlines': '\n'.repeat(megabyte),
  'long number': '7'.repeat(megabyte),
  'long list': '1,'.repeat(megabyte / 2),
  'long set': `\\{${Array.from({ length: 1000 }, (_, i) => i).join(',')}\\}`,
  'many signs': '(\\pm1,\\pm2,\\pm3,\\pm4,\\pm5,\\pm6,\\pm7,\\pm8,\\pm9)',
  'minus signs': `${'-'.repeat(5000)}1`,
  'macro bomb': `\\def\\a{${'x'.repeat(1400)}}${'\\a'.repeat(1000)}`,
  'think tags': '</think'.repeat(100_000),
  'answer markers': 'answer is '.repeat(100_000),
  'regular expression bait': `${'a '.repeat(500_000)}!`,
  'lone surrogates': '\ud800'.repeat(10_000),
};

test.each(Object.entries(bombs))('%s: an answer, the same twice, and never the truth', (_, text) => {
  for (const gold of ['42', 'x+1', '(1,2)', '\\{1,2,3\\}', '\\frac{1}{2004!}']) {
    for (const [a, b] of [
      [gold, text],
      [text, gold],
    ] as const) {
      const verdict = isEquivalent(a, b);
      expect(verdict.equivalent).not.toBe(true);
      expect(isEquivalent(a, b)).toEqual(verdict);
      expect(verifyAnswer(a, b).equivalent).toBe(verifyAnswer(a, b).equivalent);
    }
  }
  expect(() => extractAnswer(text)).not.toThrow();
});

test('a spent budget leaves the verdict open, and a larger budget may settle it', () => {
  const [gold, prediction] = ['\\sum_{k=1}^{300} \\frac{1}{k}', '\\sum_{j=1}^{300} \\frac{1}{j}'];
  expect(isEquivalent(gold, prediction, { work: 200 })).toEqual({ equivalent: undefined, how: 'work budget spent' });
  expect(isEquivalent(gold, prediction, { work: defaultWork * 20 }).equivalent).toBe(true);
});

test('tiny numbers are no zero, and none other', () => {
  expect(isEquivalent('\\frac{1}{2004!}', '\\frac{1}{2006!}').equivalent).toBe(false);
  expect(isEquivalent('0', '\\frac{1}{2004!}').equivalent).toBe(false);
  expect(isEquivalent('10^{-400}', '10^{-401}').equivalent).toBe(false);
  expect(isEquivalent('10^{20}+1', '10^{20}').equivalent).toBe(false);
  expect(isEquivalent('10^{30}\\cos(6)+5', '10^{30}\\cos(6)').equivalent).not.toBe(true);
});

test('fuzz cases, 8,000 by pnpm fuzz and 2,000 else: no throw, no law broken, no other answer the second time', () => {
  for (let n = 0; n < (whole ? 8000 : 2000); n++) {
    const { gold, prediction, expected } = fuzzCase(20261121, n);
    const verdict = (n % 2 === 0 ? isEquivalent : verifyAnswer)(gold, prediction);
    if (expected === true) expect(verdict.equivalent, `${gold} ## ${prediction}`).not.toBe(false);
    if (expected === false) expect(verdict.equivalent, `${gold} ## ${prediction}`).not.toBe(true);
    if (n % 20 === 0) expect((n % 2 === 0 ? isEquivalent : verifyAnswer)(gold, prediction)).toEqual(verdict);
  }
});

const adversarial = new URL('../../../../../shared/verify/adversarial-inputs-dev.jsonl', import.meta.url);
test.skipIf(!existsSync(adversarial))(
  'shared adversarial inputs (skipped where shared/verify is absent): none is taken for the truth',
  () => {
    interface Row {
      readonly id: string;
      readonly input: string;
      readonly must: string;
      readonly build?: {
        prefix: string;
        unit: string;
        count: number;
        middle: string;
        closeUnit: string;
        suffix: string;
      };
    }
    const rows = readFileSync(adversarial, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    for (const { id, input, build } of rows) {
      const text =
        build === undefined
          ? input
          : build.prefix +
            build.unit.repeat(build.count) +
            build.middle +
            build.closeUnit.repeat(build.count) +
            build.suffix;
      for (const gold of ['42', 'x + 1', '(1, 2)', 'yes', '\\frac{1}{2004!}']) {
        expect(isEquivalent(gold, text).equivalent, id).not.toBe(true);
        expect(verifyAnswer(gold, text).equivalent, id).not.toBe(true);
        expect(isEquivalent(text, gold).equivalent, id).not.toBe(true);
      }
    }
    expect(rows.length).toBe(64);
  },
);
