/** What every loss says of itself, held against what it does and against what is written about it. */
import { readFileSync } from 'node:fs';
import { tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import * as losses from '../index.ts';
import type { Loss, Manifest } from '../manifest/manifest.ts';
import type { OptionSpec } from '../manifest/options.ts';
import * as reference from '../reference/index.ts';
import { inputsOf, oneOf } from '../test-support/cases/arbitraries.ts';
import { toTensors } from '../test-support/cases/arrays.ts';
import { golden } from '../test-support/cases/golden.ts';
import { onBackend } from '../test-support/running/backend.ts';

type AnyLoss = Loss<never, object>;
const all = Object.entries(losses as unknown as Record<string, AnyLoss>).filter(
  ([, { manifest }]) => manifest !== undefined,
);
const manifests = all.map(([, { manifest }]) => manifest);
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const papers = readFileSync(new URL('../../../../docs/papers.md', import.meta.url), 'utf8');

/** The row of the README's table for each family. */
const rows: Readonly<Record<Manifest['family'], string>> = {
  steps: 'steps',
  tokens: 'tokens',
  preference: 'pairs',
  unpaired: 'unpaired',
  likelihood: 'likelihood, values',
  'policy-gradient': 'policy gradients',
  verifiers: 'verifiers',
};
const named = (row: string): string[] => {
  const line = readme.split('\n').find((text) => text.startsWith(`| ${row} `)) ?? '';
  return [...line.matchAll(/`(\w+Loss)`/g)].map(([, name]) => name!);
};

/** A value the option may not have. */
const refused = (spec: OptionSpec): unknown =>
  spec.kind === 'boolean' ? 'yes' : spec.kind === 'word' ? 'other' : Number.NaN;

test('every loss has a manifest under its own name, and the reference has the same loss', () => {
  const exported = Object.keys(losses).filter((name) => name.endsWith('Loss'));
  expect(all.map(([name]) => name)).toEqual(exported);
  for (const [name, loss] of all) {
    expect(loss.manifest.name).toBe(name);
    expect(loss.name).toBe(name);
    expect(Object.keys(reference)).toContain(name);
  }
});

test('the README lists every loss in the row of its family, and no other', () => {
  for (const [family, row] of Object.entries(rows)) {
    const own = manifests.filter((manifest) => manifest.family === family).map(({ name }) => name);
    expect(named(row).sort(), row).toEqual(own.sort());
  }
});

test('docs/papers.md has a row for every loss', () => {
  const missing = manifests.filter(({ name }) => !papers.includes(`(losses.md#${name.toLowerCase()})`));
  expect(
    missing.map(({ name }) => name),
    'losses without a row',
  ).toEqual([]);
});

test('golden entries exist, and those of losses belong to a loss', () => {
  const claimed = new Set(manifests.flatMap((manifest) => manifest.golden));
  for (const key of claimed) expect(Object.keys(golden)).toContain(key);
  const helpers = /^(dpo\.inputs|dqo\.lambda_return\..*|logsigmoid)$/;
  expect(Object.keys(golden).filter((key) => !claimed.has(key) && !helpers.test(key))).toEqual([]);
});

onBackend('manifests', () => {
  test.each(all)('%s refuses an option nobody reads, and a wrong value of each of its own', (name, loss) => {
    const tensors = toTensors(oneOf(inputsOf(loss.manifest.inputs, 1), 3));
    const call = (options: object) => () => loss(tensors as never, options).dispose();
    expect(call({ betta: 5 })).toThrow(`${name}: unknown option 'betta'`);
    for (const [option, spec] of Object.entries(loss.manifest.options)) {
      expect(call({ [option]: refused(spec) })).toThrow(`${name}: ${option} must be `);
      // What is ∞ by default is off, and stays off only where nobody gives it.
      if (spec.initial !== Number.POSITIVE_INFINITY) expect(call({ [option]: spec.initial })).not.toThrow();
    }
    tf.dispose(tensors);
  });

  test.each(all)('%s at its defaults is what it is without options', async (_name, loss) => {
    const tensors = toTensors(oneOf(inputsOf(loss.manifest.inputs, 1), 4));
    const defaults = Object.fromEntries(
      Object.entries(loss.manifest.options).flatMap(([option, { initial }]) =>
        initial === Number.POSITIVE_INFINITY ? [] : [[option, initial]],
      ),
    );
    const scalars = [loss(tensors as never), loss(tensors as never, defaults)];
    const [plain, spelled] = await Promise.all(scalars.map((scalar) => scalar.data()));
    expect(spelled).toEqual(plain);
    tf.dispose([tensors, scalars]);
  });

  test('a reduction of before is an error that names the word of now', () => {
    const rows = { policyLogps: tf.zeros([1, 2]), mask: tf.ones([1, 2]) };
    const message = `sftLoss: reduction must be 'flat' | 'row' | 'sum', got "sequenceMean" (it is called 'row' now)`;
    expect(() => losses.sftLoss(rows, { reduction: 'sequenceMean' as 'row' })).toThrow(message);
  });
});
