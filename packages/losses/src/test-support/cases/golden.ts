import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { PairArrays } from '../../reference/index.ts';
import { expectFloat32, expectFloat64 } from '../running/close.ts';
import { evaluateLoss, flat } from './arrays.ts';
import type { LossCase, Options } from './loss-case.ts';

/** A file of test/golden: numbers of public implementations, computed in float64. */
export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../../test/golden/${file}`, import.meta.url), 'utf8')) as T;
}

/** losses.json: each entry holds what its source printed. */
export const golden: Readonly<Record<string, Readonly<Record<string, never>>>> = readGolden('losses.json');

/** Numbers of an entry, as one flat list. */
export const numbers = (key: string, field: string): number[] => {
  const value: unknown = golden[key]![field];
  return (Array.isArray(value) ? value.flat(3) : [value]) as number[];
};

/** The three pairs all DPO goldens are computed on. */
const goldenPairs: PairArrays & Readonly<Record<string, number[]>> = {
  policyChosenLogps: numbers('dpo.inputs', 'pi_w'),
  policyRejectedLogps: numbers('dpo.inputs', 'pi_l'),
  referenceChosenLogps: numbers('dpo.inputs', 'ref_w'),
  referenceRejectedLogps: numbers('dpo.inputs', 'ref_l'),
};

/** A pair loss against one golden entry: each pair alone, the mean, and the gradients of the mean. The entry says with which `options`, where it says so. */
export function pairGolden(subject: LossCase, key: string, options: Options = golden[key]?.options ?? {}): void {
  if (golden[key]?.losses === undefined)
    throw new TypeError(
      `${subject.name}: test/golden/losses.json has no numbers of pairs under '${key}' (losses: one of each pair of 'dpo.inputs', source, options); a loss of other inputs reads its own in a test file beside it`,
    );
  const losses = numbers(key, 'losses');
  const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
  const trained = ['policyChosenLogps', 'policyRejectedLogps'];

  test(`golden ${key}: reference to 1e-12, tensors to 1e-5`, async () => {
    const alone = losses.map((_, i) =>
      Object.fromEntries(Object.entries(goldenPairs).map(([name, row]) => [name, [row[i]!]])),
    );
    // A shift taken from the batch is another one for a pair alone: only its mean is a golden number then.
    if (options.rewardShift !== 'batch') {
      expectFloat64(
        alone.map((pair) => subject.reference(pair, options, pair).value),
        losses,
        'reference, a pair alone',
      );
      expectFloat32(
        await Promise.all(
          alone.map(async (pair) => (await evaluateLoss((t) => subject.loss(t, options), pair, trained)).value),
        ),
        losses,
        0,
        'tensors, a pair alone',
      );
    }
    const reference = subject.reference(goldenPairs, options, goldenPairs);
    const tensors = await evaluateLoss((t) => subject.loss(t, options), goldenPairs, trained);
    expectFloat64([reference.value], [mean], 'reference, mean');
    expectFloat32([tensors.value], [mean], 0, 'tensors, mean');
    for (const [field, name] of [
      ['grad_pi_w', 'policyChosenLogps'],
      ['grad_pi_l', 'policyRejectedLogps'],
    ] as const) {
      if (golden[key]![field] === undefined) continue;
      expectFloat64(flat(reference.gradients[name]!), numbers(key, field), `reference, gradient on ${name}`);
      expectFloat32(tensors.gradients[name]!, numbers(key, field), 0, `tensors, gradient on ${name}`);
    }
    expect(losses.length).toBe(3);
  });
}
