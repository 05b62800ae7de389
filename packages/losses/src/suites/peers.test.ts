import { expect, test } from 'vitest';
import * as losses from '../index.ts';
import type { Reference } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { type Arrays, evaluateLoss, flat } from '../test-support/cases/arrays.ts';
import { readGolden } from '../test-support/cases/golden.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';

/** One loss on one batch, as TRL's code or torch's autograd computes it (benchmarks/losses/peers.py). */
interface Entry {
  readonly source: string;
  readonly loss: string;
  readonly inputs: Arrays;
  readonly options: Readonly<Record<string, unknown>>;
  readonly value: number;
  readonly gradients: Arrays;
}

const entries = readGolden<Entry[]>('losses-peers.json');
type Exact = (inputs: Arrays, options: object) => Reference<string>;
type OnTensors = (inputs: never, options: object) => ReturnType<typeof losses.dpoLoss>;

onBackend('peers', () => {
  test.each(entries.map((entry) => [entry.loss, entry.source, entry] as const))(
    'golden %s of %s',
    async (_name, _source, entry) => {
      const trained = Object.keys(entry.gradients);
      const exact = (reference as unknown as Record<string, Exact>)[entry.loss]!(entry.inputs, entry.options);
      expectFloat64([exact.value], [entry.value]);
      for (const name of trained) expectFloat64(flat(exact.gradients[name]!), flat(entry.gradients[name]!));

      const loss = (losses as unknown as Record<string, OnTensors>)[entry.loss]!;
      const own = await evaluateLoss((tensors) => loss(tensors as never, entry.options), entry.inputs, trained);
      // Inputs are float64 numbers here: what float32 makes of them is known to 1e-5 of the terms, not of a difference.
      expectFloat32([own.value], [entry.value]);
      for (const name of trained) {
        const largest = Math.max(...flat(entry.gradients[name]!).map(Math.abs));
        own.gradients[name]!.forEach((g, i) => {
          expect(Math.abs(g - flat(entry.gradients[name]!)[i]!)).toBeLessThanOrEqual(1e-5 * largest);
        });
      }
    },
  );

  test('there are entries from TRL and from autograd', () => {
    expect(entries.filter(({ source }) => source.startsWith('trl')).length).toBeGreaterThanOrEqual(5);
    expect(entries.filter(({ source }) => source.includes('autograd')).length).toBeGreaterThanOrEqual(9);
  });
});
