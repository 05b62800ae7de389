/** The public cases of shared/verify and the MATH golds of shared/data, read in place. Skipped, and said so, where they are absent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ComputeEngine } from '@cortex-js/compute-engine';
import { describe, expect, test } from 'vitest';
import { extractChoice } from '../extracting/extract-choice.ts';
import { extractAnswer, isEquivalent, verifyAnswer } from '../index.ts';
import { whole } from '../test-support/whole.ts';

interface Row {
  readonly source: string;
  readonly gold: string;
  readonly golds?: readonly string[];
  readonly prediction: string;
  readonly expected: boolean;
  readonly predictionForm: string;
  readonly options?: { readonly precision?: number };
  readonly caveat?: string;
}

const folder = new URL('../../../../../shared/verify/', import.meta.url);
const here = existsSync(folder);
const mathGolds = new URL('../../../../../shared/data/math-test-annotated.jsonl', import.meta.url);

const jsonl = <T>(url: URL): T[] =>
  readFileSync(url, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const right = (row: Row): boolean => {
  const options = row.options?.precision === undefined ? {} : { places: row.options.precision };
  const judge = row.predictionForm === 'bare' ? isEquivalent : verifyAnswer;
  return (row.golds ?? [row.gold]).some((gold) => judge(gold, row.prediction, options).equivalent === true);
};

interface Score {
  readonly rows: number;
  readonly accuracy: number;
  readonly recall: number;
  readonly falsePositives: number;
}

function score(rows: readonly Row[]): Score {
  const unique = [...new Map(rows.map((row) => [`${row.gold}\0${row.prediction}`, row])).values()];
  const verdicts = unique.map((row) => [row.expected, right(row)] as const);
  const share = (part: number, whole: number): number => Number(((100 * part) / whole).toFixed(2));
  return {
    rows: unique.length,
    accuracy: share(verdicts.filter(([expected, got]) => expected === got).length, unique.length),
    recall: share(
      verdicts.filter(([expected, got]) => expected && got).length,
      verdicts.filter(([expected]) => expected).length,
    ),
    falsePositives: verdicts.filter(([expected, got]) => !expected && got).length,
  };
}

describe.skipIf(!here)('shared/verify (skipped where it is absent)', () => {
  const files = here
    ? readdirSync(folder).filter((name) => name.endsWith('-cases-dev.jsonl') && !name.startsWith('extraction'))
    : [];
  const all = files.flatMap((name) => jsonl<Row>(new URL(name, folder))).filter((row) => row.caveat === undefined);
  const of = (test: (source: string) => boolean): Row[] => all.filter((row) => test(row.source));
  const apart = ['gsm8k-model-solutions', 'qwen-math-cot-100'];
  const own = ['math-verify', 'lighteval'];

  test('the pool: at least 97 % right, at most 4 wrong answers called right', () => {
    const pool = score(of((source) => !apart.includes(source)));
    console.log('POOL', JSON.stringify(pool));
    expect(pool.accuracy).toBeGreaterThanOrEqual(97);
    expect(pool.falsePositives).toBeLessThanOrEqual(4);
  });

  test('without the rows of Math-Verify and lighteval: at least 93 %', () => {
    const foreign = score(of((source) => !apart.includes(source) && !own.includes(source)));
    console.log('POOL-foreign', JSON.stringify(foreign));
    expect(foreign.accuracy).toBeGreaterThanOrEqual(93);
  });

  test('HardVerify: at least 88 %', () => {
    const hard = score(of((source) => source === 'tinyv-hardverify-math'));
    console.log('HardVerify', JSON.stringify(hard));
    expect(hard.accuracy).toBeGreaterThanOrEqual(88);
  });

  test('GSM8K model solutions and Qwen chains of thought: every label', () => {
    for (const source of apart) {
      const result = score(of((name) => name === source));
      console.log(source, JSON.stringify(result));
      expect(result.accuracy, source).toBe(100);
    }
  });

  test('extraction: at least 80 % of the extractors’ own cases (they contradict each other on boxes and strictness)', () => {
    const rows = jsonl<{ extractor: string; input: string; expected: string | null }>(
      new URL('extraction-cases-dev.jsonl', folder),
    );
    const good = rows.filter(({ extractor, input, expected }) => {
      const answer = extractor === 'choice-string' ? extractChoice(input) : extractAnswer(input);
      if (expected === null) return answer === undefined;
      return answer !== undefined && isEquivalent(expected, answer).equivalent === true;
    });
    console.log('extraction', good.length, 'of', rows.length);
    expect(good.length / rows.length).toBeGreaterThanOrEqual(0.8);
  });
});

describe.skipIf(!existsSync(mathGolds))('the 5,000 MATH golds (skipped where shared/data is absent)', () => {
  const rows = existsSync(mathGolds) ? jsonl<{ answer: string | string[]; humanType: string }>(mathGolds) : [];
  const golds = rows.flatMap((row) => [row.answer].flat().map((answer) => ({ answer, type: row.humanType })));
  const fractions = /\\[dt]?frac/g;
  const forms: Readonly<Record<string, (gold: string) => string>> = {
    itself: (gold) => gold,
    'in dollars': (gold) => `$${gold}$`,
    boxed: (gold) => `\\boxed{${gold}}`,
    'in a sentence': (gold) => `Therefore the answer is $${gold}$.`,
    'after ####': (gold) => `#### ${gold}`,
    'after Final Answer': (gold) => `So we are done.\n\nFinal Answer: ${gold}`,
    'in XML': (gold) => `<answer>${gold}</answer>`,
    'with dfrac': (gold) => gold.replace(fractions, '\\dfrac'),
    'without left and right': (gold) => gold.replace(/\\left|\\right/g, ''),
    'with wider spacing': (gold) => gold.replace(/\+/g, ' + ').replace(/=/g, ' = '),
  };
  test.each(Object.entries(forms))('every gold equals itself %s', (_, form) => {
    const wrong = golds.filter(({ answer }) => isEquivalent(answer, form(answer)).equivalent !== true);
    expect(wrong.map(({ answer }) => answer)).toEqual([]);
  });

  // Conventions off: what is left to equality is mathematics, and the dress of an answer.
  const strict = { percent: 'value', decimals: 'exact', base: 'required' } as const;
  const ofType = (want: (type: string) => boolean): Map<string, string[]> => {
    const types = new Map<string, Set<string>>();
    for (const { answer, type } of golds) if (want(type)) types.set(type, (types.get(type) ?? new Set()).add(answer));
    return new Map([...types].map(([type, answers]) => [type, [...answers]]));
  };

  test('no expression, vector, set, matrix, interval, … equals another one of its type (by npm test: neighbours and a third of the rest)', () => {
    const pairs: string[][] = [];
    for (const answers of ofType((type) => type !== 'Real').values()) {
      answers.forEach((a, i) => {
        for (let j = i + 1; j < answers.length; j += j < i + 12 || whole ? 1 : 3) {
          const b = answers[j]!;
          if (isEquivalent(a, b, strict).equivalent === true) pairs.push([a, b]);
        }
      });
    }
    expect(pairs.filter(([a, b]) => !sameToTheEye(a!, b!))).toEqual([]);
  });

  test('one digit, sign or bracket changed is another answer', () => {
    const changed = (text: string, i: number): string | undefined => {
      const c = text[i]!;
      if (/\d/.test(c)) return text.slice(0, i) + ((Number(c) + 1) % 10) + text.slice(i + 1);
      const other = c === '-' ? '+' : c === '[' && text[i - 1] !== 't' ? '(' : c === ']' ? ')' : undefined;
      return other === undefined ? undefined : text.slice(0, i) + other + text.slice(i + 1);
    };
    let count = 0;
    const wrong: string[][] = [];
    for (const { answer, type } of golds) {
      if (type === 'Real' && answer.length < 5) continue;
      for (let i = 0; i < answer.length; i++) {
        const other = changed(answer, i);
        if (other === undefined) continue;
        count++;
        if (isEquivalent(answer, other).equivalent === true) wrong.push([answer, other]);
      }
    }
    console.log('changed answers:', count);
    expect(wrong).toEqual([]);
  });

  test('reals called equal have the same value by compute-engine (neighbours by value and every 50th pair; of a third of them by npm test)', () => {
    const engine = new ComputeEngine();
    const value = (answer: string): number => {
      const bare = answer
        .replace(/\\(?:text|mbox)\s*\{[^{}]*\}|\^\{?\\circ\}?|\\[$!,;]|\$|^[a-zA-Z]\s*=|\{,\}/g, '')
        .replace(/,(?=\d{3})/g, '');
      return Number(engine.parse(bare).N().re);
    };
    const reals = [...ofType((type) => type === 'Real').values()].flat().filter((_, i) => whole || i % 3 === 0);
    const known = reals
      .map((answer) => [answer, value(answer)] as const)
      .filter(([, x]) => Number.isFinite(x))
      .sort(([, x], [, y]) => x - y);
    console.log('reals with a value by compute-engine:', known.length, 'of', reals.length);
    expect(known.length).toBeGreaterThan(reals.length * 0.85);
    let checked = 0;
    const wrong: unknown[] = [];
    known.forEach(([a, x], i) => {
      for (let j = i + 1; j < known.length; j += j < i + 12 ? 1 : 50) {
        const [b, y] = known[j]!;
        checked++;
        const equal = isEquivalent(a, b, strict).equivalent === true;
        if (equal && Math.abs(x - y) > 1e-9 * Math.max(1, Math.abs(x))) wrong.push([a, b, x, y]);
      }
    });
    console.log('pairs of reals compared:', checked);
    expect(wrong.filter((row) => !/_\{?\d|\\%|circ|degrees|\\pi/.test(JSON.stringify(row)))).toEqual([]);
  });
});

/** The same answer but for spacing, boxes of text, the order of a set and the form of a fraction or a root. */
function sameToTheEye(a: string, b: string): boolean {
  const plain = (text: string): string =>
    text
      .replace(/\\(?:text|mbox|textbf)\s*\{([^{}]*)\}/g, '$1')
      .replace(/\\[dt]?frac\s*(\d)\s*(\d)/g, '\\frac{$1}{$2}')
      .replace(/\\[dt]frac/g, '\\frac')
      .replace(/\\sqrt\s*(\d)/g, '\\sqrt{$1}')
      .replace(/\\left|\\right|\\[,;! ]|\$|[\s(){}]/g, '');
  const sorted = (text: string): string => plain(text).split(',').sort().join();
  const letters = (text: string): string => plain(text).replace(/,/g, '');
  return sorted(a) === sorted(b) || (/^[A-F]+$/.test(letters(a)) && letters(a) === letters(b));
}
