import { type Batch, batches, type Planned, tokenizeTrajectory } from '@svo/data';
import { type CausalLm, type ValueActivation, valueHead } from '@svo/models';
import { tf } from '@svo/tensor';
import type { Material, Plan } from '../plan.ts';
import { type AnyLoss, type ManifestLoss, takenBy } from '../shared/any-loss.ts';
import { fitting } from '../shared/fitting.ts';
import { orderOf } from '../shared/order.ts';
import { answered, type Judged } from './judged.ts';
import { outcomeOf, rightSteps, valuesOf } from './step-targets.ts';

/** A batch of solutions with what a value model is to say of them. */
export interface ValueBatch extends Batch, Planned {
  /** 0 or 1 by how each solution ended [B]. */
  readonly outcomes: Batch['credits'];
  /** 1 where a step is right [B, S]. */
  readonly right: Batch['credits'];
}

/** How a loss's numbers come from the head: a value in ±1, a logit, or an outcome of 0 or 1 at every token. */
type Reading = 'value' | 'logit' | 'outcome';

const readings: Readonly<Record<string, Reading>> = {
  ...{ valueLoss: 'value', outcomeValueLoss: 'outcome', stepBceLoss: 'logit', pqmLoss: 'logit' },
};

/**
 * A value model: the policy's decoder, trained on with a head of one number. What it is to say after each step:
 *
 * - `valueLoss`: V in ±1 by tanh; the row's values, and where it has none its outcome (2502.13723, section 4.4; SVPO, eq. 7).
 * - `outcomeValueLoss`: 0 or 1 at every token by the outcome, unbounded (OVM).
 * - `stepBceLoss`: a logit; y = (V + 1)/2 of the row's values, else its labels, else its outcome.
 * - `pqmLoss`: a logit; the row's labels, else whether its value is above −1 (a right answer was found from there).
 *
 * A value is read at a step's last token before its delimiter: `localValueModel` with the same `format` reads it there.
 *
 * @throws RangeError for a policy on a server, whose hidden states nobody sees
 */
export function valuePlan(material: Material, loss: ManifestLoss, options: object): Plan<ValueBatch> {
  const { learner, settings, seed } = material;
  const { name } = loss.manifest;
  const reading = readings[name]!;
  if (!('hidden' in learner.lm))
    throw new RangeError(`${name}: learner must be a decoder that is held here, got a policy on a server`);
  const activation: ValueActivation = reading === 'value' ? 'tanh' : 'identity';
  const head = valueHead(learner.lm as CausalLm, activation);
  const rows = answered(material).map((row) => ({
    row,
    example: tokenizeTrajectory({ ...row, credits: targetsOf(row, reading) }, learner.tokenizer),
  }));
  const { kept, dropped } = fitting(rows, ({ example }) => [example], settings);
  const { updates, frozen, from } = orderOf(material, kept.length);
  const examples = kept.map(({ example }) => example);
  return {
    updates,
    frozen,
    dropped,
    values: activation,
    extras: () => head.init(seed),
    *batches(cursor) {
      for (const batch of batches(examples, from(cursor))) {
        const some = batch.rows.map((row) => kept[row]!.row);
        yield { ...batch, outcomes: column(some.map(outcomeOf)), right: labelled(some, batch.mask.shape[1]!) };
      }
    },
    loss: (params, { ids, stepIds, mask, credits: targets, outcomes, right }, { host }) => {
      if (reading === 'outcome') {
        const scored = tf.cast(tf.greaterEqual(stepIds, 0), 'float32');
        const inputs = { values: head.tokenValues(params, ids), targets: tf.mul(scored, outcomes), mask: scored };
        return { loss: (loss as AnyLoss)(inputs as never, options) };
      }
      const said = head.values(params, ids, host.stepIds, mask.shape[1]!);
      const known = { values: said, logits: said, targets, labels: right, mask };
      return { loss: (loss as AnyLoss)(takenBy(loss, known) as never, options) };
    },
  };
}

function targetsOf(row: Judged, reading: Reading): readonly number[] {
  const values = valuesOf(row);
  return reading === 'logit' ? values.map((value) => (value + 1) / 2) : values;
}

const column = (numbers: readonly number[]): Batch['credits'] => ({
  data: Float32Array.from(numbers),
  shape: [numbers.length, 1],
});

/** 1 on right steps, [B, S]. */
function labelled(rows: readonly Judged[], steps: number): Batch['credits'] {
  const data = new Float32Array(rows.length * steps);
  for (const [i, row] of rows.entries()) data.set(rightSteps(row).map(Number), i * steps);
  return { data, shape: [rows.length, steps] };
}
