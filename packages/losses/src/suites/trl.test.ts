/** TRL's own trainers on one batch of logits (scripts/trl_peers.py), against the losses as a user would compose them. */
import { sequenceLogps, type Tensor, tf, tokenLogps } from '@svo/tensor';
import { expect, test } from 'vitest';
import * as losses from '../index.ts';
import type { Matrix, Reference, Vector } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { type Arrays, evaluateLoss, flat, readAll } from '../test-support/cases/arrays.ts';
import { readGolden } from '../test-support/cases/golden.ts';
import { inOperations, onBackend } from '../test-support/running/backend.ts';
import { expectFloat64, isClose } from '../test-support/running/close.ts';

interface Case {
  readonly loss: string;
  readonly source: string;
  readonly options: Readonly<Record<string, unknown>> & { lengths?: true; wpo?: true; alpha?: number };
  readonly value: number;
  /** ∂L/∂log π of a row's first and last completion token (pairs), of the first (unpaired), of all (likelihood). */
  readonly slopes: readonly (readonly number[])[];
}
type Batch = Readonly<Record<'logits' | 'reference', readonly Matrix[]> & Record<'ids' | 'mask', Matrix>>;
const golden = readGolden<{
  readonly batch: Batch;
  readonly pairs: readonly Case[];
  readonly unpairedInputs: Readonly<Record<string, Vector>>;
  readonly unpaired: readonly (Omit<Case, 'slopes'> & { readonly slopes: Vector })[];
  readonly likelihood: readonly Case[];
}>('losses-trl.json');
const { batch } = golden;
const mask = batch.mask.map((row) => row.map((m, t) => (t === 0 ? 0 : m)));
const pairs = mask.length / 2;
const sides = <T>(rows: readonly T[]): { chosen: readonly T[]; rejected: readonly T[] } => ({
  chosen: rows.slice(0, pairs),
  rejected: rows.slice(pairs),
});

/** log p(ids[t] | ids[<t]) in float64; 0 where nothing is scored. */
const logpsOf = (logits: readonly Matrix[]): number[][] =>
  mask.map((row, i) =>
    row.map((m, t) => {
      if (m === 0) return 0;
      const z = logits[i]![t - 1]!;
      const largest = Math.max(...z);
      return z[batch.ids[i]![t]!]! - largest - Math.log(z.reduce((sum, x) => sum + Math.exp(x - largest), 0));
    }),
  );
const [policy, data] = [logpsOf(batch.logits), logpsOf(batch.reference)];
const lengths = mask.map((row) => row.filter((m) => m > 0).length);
const shared = sides(lengths).chosen.map((n, i) => Math.min(n, lengths[pairs + i]!));
const shifted = batch.logits.map((rows) => [rows[0]!, ...rows.slice(0, -1)]);
const collisions = reference.collisionLogps(shifted);

/** The four sums, and what else the case asks for. */
function inputsOf({ options }: Pick<Case, 'options'>): Arrays {
  const sums = (logps: Matrix): number[] =>
    reference.desensitizedLogps({ logps, mask, sharedLengths: [...shared, ...shared] }, { alpha: options.alpha ?? 1 });
  const [own, other] = [sides(sums(policy)), sides(sums(data))];
  const weights = sides(reference.wpoWeights({ policyLogps: policy, collisionLogps: collisions, mask }));
  return {
    policyChosenLogps: own.chosen,
    policyRejectedLogps: own.rejected,
    referenceChosenLogps: other.chosen,
    referenceRejectedLogps: other.rejected,
    ...(options.lengths ? { chosenLengths: sides(lengths).chosen, rejectedLengths: sides(lengths).rejected } : {}),
    ...(options.wpo ? { pairWeights: weights.chosen.map((w, i) => w * weights.rejected[i]!) } : {}),
  };
}
/** Which inputs a loss is given is no option of the loss. */
const lossOptions = ({ lengths: _lengths, wpo: _wpo, alpha: _alpha, ...options }: Case['options']): object => options;
type Exact = (inputs: Arrays, options: object) => Reference<string>;
type OnTensors = (inputs: never, options: object) => Tensor & ReturnType<typeof losses.dpoLoss>;
const exactly = (name: string): Exact => (reference as unknown as Record<string, Exact>)[name]!;
const onTensors = (name: string): OnTensors => (losses as unknown as Record<string, OnTensors>)[name]!;
const near = (actual: number, expected: number, size: number): void => {
  const relative = inOperations ? 1e-4 : 1e-5;
  if (!isClose(actual, expected, relative, relative * size)) expect.fail(`got ${actual}, expected ${expected}`);
};

onBackend('TRL', () => {
  test.each(golden.pairs.map((entry) => [entry.source, entry.loss, entry] as const))(
    '%s is %s',
    async (_s, _l, entry) => {
      const { loss, options, value, slopes } = entry;
      const inputs = inputsOf(entry);
      const given = lossOptions(options);
      const exact = exactly(loss)(inputs, given);
      expectFloat64([exact.value], [value]);
      const own = await evaluateLoss((t) => onTensors(loss)(t as never, given), inputs, [
        'policyChosenLogps',
        'policyRejectedLogps',
      ]);
      near(own.value, value, Math.abs(value));
      const gradients = [...flat(exact.gradients.policyChosenLogps!), ...flat(exact.gradients.policyRejectedLogps!)];
      const float32 = [...own.gradients.policyChosenLogps!, ...own.gradients.policyRejectedLogps!];
      gradients.forEach((g, i) => {
        if (lengths[i] === 0) return;
        const beyond = lengths[i]! > shared[i % pairs]! ? (options.alpha ?? 1) : 1;
        expectFloat64([g * (shared[i % pairs]! > 0 ? 1 : beyond), g * beyond], slopes[i]!);
        near(float32[i]!, g, Math.abs(g));
      });
    },
  );

  test.each(golden.pairs.map((entry) => [entry.source, entry] as const))(
    '%s, from logits on tensors',
    async (_s, entry) => {
      const { loss, options, value } = entry;
      const [[own = Number.NaN] = []] = await readAll(() => {
        const ids = tf.tensor2d(
          batch.ids.map((row) => [...row]),
          undefined,
          'int32',
        );
        const maskOf = tf.tensor2d(mask);
        const [logits, other] = [batch.logits, batch.reference].map((x) =>
          tf.tensor3d(x.map((rows) => rows.map((z) => [...z]))),
        );
        const [own, theirs] = [logits, other].map((x) => tokenLogps(x!, ids));
        const split = (x: Tensor): [Tensor, Tensor] => tf.split(x, 2) as [Tensor, Tensor];
        const both = losses.sharedLengths(...split(maskOf));
        const sharedRows = tf.concat([both, both]);
        const sum = (logps: Tensor): Tensor =>
          options.alpha === undefined
            ? sequenceLogps(logps, maskOf)
            : losses.desensitizedLogps({ logps, mask: maskOf, sharedLengths: sharedRows }, { alpha: options.alpha });
        const [policyChosenLogps, policyRejectedLogps] = split(sum(own!));
        const [referenceChosenLogps, referenceRejectedLogps] = split(sum(theirs!));
        const [chosenLengths, rejectedLengths] = split(tf.sum(maskOf, 1));
        const before = tf.tensor3d(shifted.map((rows) => rows.map((z) => [...z])));
        const weights = losses.wpoWeights({
          policyLogps: own!,
          collisionLogps: losses.collisionLogps(before),
          mask: maskOf,
        });
        const inputs = {
          ...{ policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps },
          ...(options.lengths ? { chosenLengths, rejectedLengths } : {}),
          ...(options.wpo ? { pairWeights: tf.mul(...split(weights)) } : {}),
        };
        return [onTensors(loss)(inputs as never, lossOptions(options))];
      });
      near(own, value, Math.abs(value));
    },
  );

  test.each(golden.unpaired.map((entry) => [entry.source, entry] as const))('%s', async (_s, entry) => {
    const sums = policy.map((row) => row.reduce((total, x) => total + x, 0));
    const inputs = { policyLogps: sums, ...golden.unpairedInputs };
    const exact = exactly(entry.loss)(inputs, entry.options);
    expectFloat64([exact.value], [entry.value]);
    const own = await evaluateLoss((t) => onTensors(entry.loss)(t as never, entry.options), inputs, ['policyLogps']);
    near(own.value, entry.value, entry.value);
    flat(exact.gradients.policyLogps!).forEach((g, i) => {
      if (lengths[i]! > 0) expectFloat64([g], [entry.slopes[i]!]);
      near(own.gradients.policyLogps![i]!, g, Math.abs(g));
    });
  });

  test.each(golden.likelihood.map((entry) => [entry.source, entry] as const))('%s', async (_s, entry) => {
    const inputs = { policyLogps: policy, mask };
    const exact = exactly(entry.loss)(inputs, entry.options);
    expectFloat64([exact.value], [entry.value]);
    expectFloat64(
      flat((exact.gradients.policyLogps as unknown as Matrix).map((row) => row.slice(1))),
      flat(entry.slopes),
    );
    const own = await evaluateLoss((t) => onTensors(entry.loss)(t as never, entry.options), inputs, ['policyLogps']);
    near(own.value, entry.value, entry.value);
  });
});
