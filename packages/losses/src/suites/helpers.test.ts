/** The operations beneath the losses, each under the one contract. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as losses from '../index.ts';
import type { InputSpec } from '../manifest/manifest.ts';
import type { Matrix, Vector } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { type Arrays, readAll, toTensors } from '../test-support/cases/arrays.ts';
import { readGolden } from '../test-support/cases/golden.ts';
import { type HelperCase, helperContract } from '../test-support/contract/helper-contract.ts';
import { notPositive, outside, unknownWord, wrongBeta } from '../test-support/contract/refusals.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';

const tokens = (kind: InputSpec['kind']): InputSpec => ({ shape: 'B T', kind });
const steps = (kind: InputSpec['kind']): InputSpec => ({ shape: 'B S', kind });
const matrices = (inputs: Arrays): Readonly<Record<string, Matrix>> => inputs as Readonly<Record<string, Matrix>>;

const helpers: HelperCase[] = [
  {
    name: 'lambdaReturns',
    inputs: { rewards: tokens('rewards'), nextValues: tokens('values'), mask: tokens('mask') },
    options: fc.record({ lambda: fc.constantFrom(0, 0.3, 0.95, 1) }),
    compute: (x, options) => losses.lambdaReturns(x.rewards!, x.nextValues!, x.mask!, options),
    reference(inputs, options) {
      const x = matrices(inputs);
      return reference.lambdaReturns(x.rewards!, x.nextValues!, x.mask!, options).flat();
    },
    refusals: outside('lambda', '[0, 1]', [-1e-9, 1.1]),
    masked: { rewards: 'mask', nextValues: 'mask' },
  },
  {
    name: 'importanceWeights',
    inputs: { policyLogps: tokens('logps'), behaviorLogps: tokens('logps'), mask: tokens('mask') },
    options: fc.record({ clip: fc.constantFrom(0.5, 1, Math.E, 10) }),
    compute: (x, options) => losses.importanceWeights(x.policyLogps!, x.behaviorLogps!, x.mask!, options),
    reference(inputs, options) {
      const x = matrices(inputs);
      return reference.importanceWeights(x.policyLogps!, x.behaviorLogps!, x.mask!, options);
    },
    refusals: notPositive('clip', 'it is the largest weight a trajectory can have'),
    masked: { policyLogps: 'mask', behaviorLogps: 'mask' },
  },
  {
    name: 'implicitRewards',
    inputs: { policyLogps: tokens('logps'), referenceLogps: tokens('reference'), mask: tokens('mask') },
    options: fc.record({ beta: fc.constantFrom(0.05, 1, 2) }),
    compute: (x, options) => losses.implicitRewards(x as never, options),
    reference(inputs, { beta }) {
      const x = matrices(inputs);
      return x.mask!.flatMap((row, i) =>
        row.map((m, t) => (m > 0 ? (beta as number) * (x.policyLogps![i]![t]! - x.referenceLogps![i]![t]!) : 0)),
      );
    },
    refusals: wrongBeta,
    masked: { policyLogps: 'mask', referenceLogps: 'mask' },
  },
  {
    name: 'truncatedWeights',
    inputs: { policyLogps: tokens('logps'), behaviorLogps: tokens('logps'), mask: tokens('mask') },
    options: fc.record({
      cap: fc.constantFrom(0.5, 1.5, 2, 10),
      level: fc.constantFrom('token', 'response'),
      beyond: fc.constantFrom('truncate', 'drop'),
    }),
    compute: (x, options) => losses.truncatedWeights(x as never, options),
    reference(inputs, { cap, level, beyond }) {
      const x = matrices(inputs);
      return x.mask!.flatMap((row, i) => {
        const each = row.map((m, t) => (m > 0 ? x.policyLogps![i]![t]! - x.behaviorLogps![i]![t]! : 0));
        const total = each.reduce((sum, r) => sum + r, 0);
        return each.map((r) => {
          const w = Math.exp(level === 'token' ? r : total);
          return w <= (cap as number) ? w : beyond === 'drop' ? 0 : (cap as number);
        });
      });
    },
    refusals: [
      ...notPositive('cap', 'it is the largest weight'),
      ...unknownWord('level', ['token', 'response']),
      ...unknownWord('beyond', ['truncate', 'drop']),
    ],
    masked: { policyLogps: 'mask', behaviorLogps: 'mask' },
  },
  {
    name: 'stepCredits',
    inputs: { rewards: steps('rewards'), values: steps('values'), nextValues: steps('values'), mask: steps('mask') },
    compute: (x) => losses.stepCredits(x.rewards!, x.values!, x.nextValues!, x.mask!),
    reference(inputs) {
      const x = matrices(inputs);
      return reference.stepCredits(x.rewards!, x.values!, x.nextValues!, x.mask!).flat();
    },
    masked: { rewards: 'mask', values: 'mask', nextValues: 'mask' },
  },
  {
    name: 'processRewards',
    inputs: { rewards: tokens('rewards'), processValues: tokens('values'), stepEnds: tokens('mask') },
    options: fc.record({ shaping: fc.constantFrom('difference', 'value') }),
    compute: (x, options) => losses.processRewards(x.rewards!, x.processValues!, x.stepEnds!, options),
    reference(inputs, options) {
      const x = matrices(inputs);
      return reference.processRewards(x.rewards!, x.processValues!, x.stepEnds!, options).flat();
    },
    refusals: unknownWord('shaping', ['difference', 'value']),
    masked: { processValues: 'stepEnds' },
  },
  {
    name: 'wpoWeights',
    inputs: { policyLogps: tokens('logps'), collisionLogps: tokens('logps'), mask: tokens('mask') },
    compute: (x) => losses.wpoWeights(x as never),
    reference: (inputs) => reference.wpoWeights(inputs as never),
    masked: { policyLogps: 'mask', collisionLogps: 'mask' },
  },
  {
    name: 'sharedLengths',
    inputs: { chosenMask: tokens('mask'), rejectedMask: { shape: 'B U', kind: 'mask' } },
    compute: (x) => losses.sharedLengths(x.chosenMask!, x.rejectedMask!),
    reference(inputs) {
      const x = matrices(inputs);
      return reference.sharedLengths(x.chosenMask!, x.rejectedMask!);
    },
  },
  {
    name: 'desensitizedLogps',
    inputs: { logps: tokens('logps'), mask: tokens('mask'), sharedLengths: { shape: 'B', kind: 'lengths' } },
    options: fc.record({ alpha: fc.constantFrom(0, 0.25, 0.7, 1) }),
    compute: (x, options) => losses.desensitizedLogps(x as never, options),
    reference: (inputs, options) =>
      reference.desensitizedLogps(inputs as { logps: Matrix; mask: Matrix; sharedLengths: Vector }, options),
    refusals: outside('alpha', '[0, 1]', [-1e-9, 1.1]),
    masked: { logps: 'mask' },
    carries: ['logps'],
  },
];

/** What TRL's and PRIME's own code made of the same numbers. */
const goldens =
  readGolden<
    readonly {
      readonly source: string;
      readonly function: string;
      readonly options: Readonly<Record<string, unknown>>;
      readonly inputs: Arrays;
      readonly values: Matrix;
    }[]
  >('losses-helpers.json');

for (const subject of helpers)
  onBackend(subject.name, () => {
    helperContract(subject);
    const runs = goldens.filter((golden) => golden.function === subject.name);
    test.each(runs.map((run, k) => [`${k}: ${run.source}`, run] as const))('golden %s', async (_, run) => {
      const expected = run.values.flat();
      expectFloat64(subject.reference(run.inputs, run.options), expected);
      const [own] = await readAll(() => [subject.compute(toTensors(run.inputs), run.options)]);
      expectFloat32(own!, expected);
    });
  });

test('goldens there are', () => {
  expect(new Set(goldens.map((golden) => golden.function))).toEqual(new Set(['truncatedWeights', 'implicitRewards']));
});
