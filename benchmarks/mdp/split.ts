/**
 * How fast texts are cut into steps: 100,000 texts of GSM8K's size, each format, one core; beside it a bare
 * `String.prototype.split`, which knows neither math nor fences.
 *
 *   node --conditions=@svo/source benchmarks/mdp/split.ts
 */
import { existsSync, readFileSync } from 'node:fs';
import {
  blankLineFormat,
  boxedFormat,
  createRng,
  gsm8kFormat,
  integer,
  normals,
  permutation,
  splitRng,
  uniforms,
  xmlFormat,
} from '@svo/mdp';
import { machine, writeResults } from '../results.ts';

const COUNT = 100_000;
const REPEATS = 9;
const shared = new URL('../../../shared/', import.meta.url);

const rows = (file: string): Record<string, string>[] =>
  readFileSync(new URL(file, shared), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Lines of GSM8K's number and length where the real ones are missing: 4.6 lines a text, 62 characters a line. */
const synthetic = (): string[] => {
  let rng = splitRng(createRng(1), 'texts');
  const draw = (bound: number): number => {
    const [value, next] = integer(rng, bound);
    rng = next;
    return value;
  };
  return Array.from({ length: 8792 }, () => {
    const lines = Array.from(
      { length: 2 + draw(5) },
      () => `${'word '.repeat(6 + draw(8))}<<${draw(99)}+${draw(99)}=${draw(99)}>>`,
    );
    return `${lines.join('\n')}\n#### ${draw(1000)}`;
  });
};

const present = existsSync(new URL('data/gsm8k-train.jsonl', shared));
const gsm8k = present
  ? ['train', 'test'].flatMap((part) => rows(`data/gsm8k-${part}.jsonl`)).map(({ answer }) => answer!)
  : synthetic();
const sources: Record<string, string[]> = { [present ? 'GSM8K solutions' : 'synthetic lines']: gsm8k };
if (present)
  sources['Qwen2.5-Math responses'] = rows('verify/qwen-math-cot-cases-dev.jsonl').map(({ prediction }) => prediction!);

const time = (work: () => number): { median: number; spread: [number, number] } => {
  work();
  const times = Array.from({ length: REPEATS }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const at = (index: number) => Number(times[index]!.toFixed(1));
  return { median: at(REPEATS >> 1), spread: [at(0), at(REPEATS - 1)] };
};

const results: Record<string, unknown>[] = [];
const record = (row: Record<string, unknown>): void => {
  results.push(row);
  console.log(JSON.stringify(row));
};

for (const [name, texts] of Object.entries(sources)) {
  const many = Array.from({ length: COUNT }, (_, index) => texts[index % texts.length]!);
  const characters = Math.round(many.reduce((sum, text) => sum + text.length, 0) / COUNT);
  const run = (split: (text: string) => readonly string[]) => () =>
    many.reduce((sum, text) => sum + split(text).length, 0);
  for (const format of [gsm8kFormat, blankLineFormat, boxedFormat, xmlFormat]) {
    record({
      what: 'split',
      texts: name,
      characters,
      count: COUNT,
      subject: format.id,
      milliseconds: time(run(format.split)),
    });
  }
  record({
    what: 'split',
    texts: name,
    characters,
    count: COUNT,
    subject: "peer: split('\\n')",
    milliseconds: time(run((text) => text.split('\n'))),
  });
}

const rng = createRng(1);
record({
  what: 'splitRng',
  count: COUNT,
  milliseconds: time(() => Array.from({ length: COUNT }, (_, i) => splitRng(rng, i)).length),
});
record({ what: 'uniforms', count: 10 * COUNT, milliseconds: time(() => uniforms(rng, 10 * COUNT).length) });
record({ what: 'normals', count: COUNT, milliseconds: time(() => normals(rng, COUNT).length) });
record({ what: 'permutation', count: 10 * COUNT, milliseconds: time(() => permutation(rng, 10 * COUNT).length) });

const report = {
  topic: 'mdp',
  date: new Date().toISOString().slice(0, 10),
  machine: { ...machine, note: 'shared with other work while measuring' },
  repeats: REPEATS,
  results,
};
writeResults('mdp', report);
