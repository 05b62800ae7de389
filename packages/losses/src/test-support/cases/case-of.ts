import fc from 'fast-check';
import type { Loss, Manifest } from '../../manifest/manifest.ts';
import type { OptionSpec } from '../../manifest/options.ts';
import type { Reference } from '../../reference/index.ts';
import * as reference from '../../reference/index.ts';
import {
  negative,
  notBoolean,
  notFinite,
  notPositive,
  outside,
  type Refusal,
  unknownWord,
} from '../contract/refusals.ts';
import type { Arrays } from './arrays.ts';
import { beta, countByReduction, countRows, type LossCase } from './loss-case.ts';

type Exact = (inputs: Arrays, options: object, frozen: Arrays) => Reference<string>;

/** All that the contract needs to know of a loss, from its manifest; `particulars` are what no manifest tells, such as kinks. */
export function caseOf(loss: Loss<never, object>, particulars: Partial<LossCase> = {}): LossCase {
  const { manifest } = loss;
  const options = Object.entries(manifest.options);
  return {
    name: manifest.name,
    inputs: manifest.inputs,
    options: fc.record(Object.fromEntries(options.map(([name, spec]) => [name, drawn(spec)]))),
    loss: loss as never,
    reference: (reference as unknown as Record<string, Exact>)[manifest.name]!,
    refusals: options.flatMap(([name, spec]) => refused(name, spec)),
    normalizer: slots(manifest) ? countByReduction : countRows,
    ...particulars,
  };
}

const slots = ({ inputs }: Manifest): boolean => 'mask' in inputs;

/** What an option may be. */
function drawn(spec: OptionSpec): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case 'positive':
      return beta;
    case 'notNegative':
      return fc.constantFrom(0, 0.1, 1, 3);
    case 'range':
      return fc
        .constantFrom(0.1, 0.3, 0.5, 0.7, 0.9)
        .map((at) => spec.range.low + at * (spec.range.high - spec.range.low));
    case 'word':
      return fc.constantFrom(...spec.choices);
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constantFrom(-1, 0, 0.25, 0.5, 2);
  }
}

/** What it may not be, by the whole message. */
function refused(name: string, spec: OptionSpec): Refusal[] {
  switch (spec.kind) {
    case 'positive':
      return notPositive(name, spec.hint);
    case 'notNegative':
      return negative(name);
    case 'range': {
      const { low, high, open } = spec.range;
      const written = `${open === 'both' ? '(' : '['}${low}, ${high}${open === 'none' ? ']' : ')'}`;
      return outside(name, written, [low - 1, high + 1]);
    }
    case 'word':
      return unknownWord(name, spec.choices);
    case 'boolean':
      return notBoolean(name);
    default:
      return notFinite(name);
  }
}
