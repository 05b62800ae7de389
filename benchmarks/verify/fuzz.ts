/**
 * The long fuzz run: `node --conditions=@svo/source benchmarks/verify/fuzz.ts [cases] [minutes] [seed]`. Counts throws, verdicts that
 * break a law (an expression against itself in another style is never wrong; against itself plus a number never right), verdicts that
 * change when asked again, and calls over 50 ms of processor time (wall time would take a pause of a busy machine for work).
 */
import { isEquivalent, verifyAnswer } from '@svo/verify';
import { fuzzCase } from '../../packages/verify/src/test-support/fuzz.ts';
import { machine, writeResults } from '../results.ts';

const [cases = 10_000_000, minutes = 60, seed = 1] = process.argv.slice(2).map(Number);
const counts = {
  cases: 0,
  throws: 0,
  wrong: 0,
  falselyRight: 0,
  nondeterministic: 0,
  over50ms: 0,
  right: 0,
  undecided: 0,
};
const examples: unknown[] = [];
let slowest = 0;
const note = (kind: string, n: number, detail: unknown): void => {
  if (examples.length < 40) examples.push({ kind, n, ...fuzzCase(seed, n), detail });
};
const started = performance.now();
const elapsed = (): number => (performance.now() - started) / 60_000;

const report = (): void =>
  writeResults('verify-fuzz', {
    ...{ seed, minutes: Number(elapsed().toFixed(1)), ...counts, slowestMs: Number(slowest.toFixed(1)) },
    ...{ machine: machine.cpu, node: process.version, examples },
  });

for (let n = 0; n < cases && elapsed() < minutes; n++) {
  const { gold, prediction, expected } = fuzzCase(seed, n);
  const ask = n % 2 === 0 ? isEquivalent : verifyAnswer;
  counts.cases++;
  try {
    const begun = process.cpuUsage();
    const verdict = ask(gold, prediction);
    const used = process.cpuUsage(begun);
    const ms = (used.user + used.system) / 1000;
    if (ms > 50) {
      counts.over50ms++;
      note('over 50 ms', n, ms);
    }
    slowest = Math.max(slowest, ms);
    if (n % 10 === 0 && JSON.stringify(ask(gold, prediction)) !== JSON.stringify(verdict)) {
      counts.nondeterministic++;
      note('not the same again', n, verdict);
    }
    if (verdict.equivalent === true) counts.right++;
    if (verdict.equivalent === undefined) counts.undecided++;
    if (expected === true && verdict.equivalent === false) {
      counts.wrong++;
      note('called wrong', n, verdict);
    }
    if (expected === false && verdict.equivalent === true) {
      counts.falselyRight++;
      note('called right', n, verdict);
    }
  } catch (error) {
    counts.throws++;
    note('threw', n, String(error));
  }
  if (n % 100_000 === 99_999) {
    report();
    console.log(
      `${counts.cases} cases, ${elapsed().toFixed(1)} min`,
      JSON.stringify(counts),
      `slowest ${slowest.toFixed(1)} ms`,
    );
  }
}
report();
console.log(JSON.stringify(counts), `slowest ${slowest.toFixed(1)} ms`);
