/** Every loss that has no test file of its own is held to the contract as its manifest tells it: nothing is to be written for that. */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import * as losses from '../index.ts';
import type { Loss } from '../manifest/manifest.ts';
import { caseOf } from '../test-support/cases/case-of.ts';
import { pairGolden } from '../test-support/cases/golden.ts';
import { lossContract } from '../test-support/contract/loss-contract.ts';
import { onBackend } from '../test-support/running/backend.ts';

const all = Object.values(losses as unknown as Record<string, Loss<never, object>>).filter(
  ({ manifest }) => manifest !== undefined,
);
const testFiles = new Set(
  readdirSync(new URL('../', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => basename(file)),
);

/** `normalizedDpoLoss` → `normalized-dpo.test.ts`; losses of one file share its test. */
function hasOwnTests({ manifest: { name } }: Loss<never, object>): boolean {
  const stem = name.replace(/(Policy|Value)?Loss$/, '');
  const files = [name.replace(/Loss$/, ''), stem].map((part) =>
    part.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );
  return files.some((file) => testFiles.has(`${file}.test.ts`));
}

/** Policy gradients with a ratio have a suite, which knows where they have kinks; verifiers have one file of tests. */
const hasSuite = ({ manifest }: Loss<never, object>): boolean =>
  manifest.family === 'verifiers' || (manifest.family === 'policy-gradient' && 'behaviorLogps' in manifest.inputs);

for (const loss of all.filter((candidate) => !hasOwnTests(candidate) && !hasSuite(candidate)))
  onBackend(loss.manifest.name, () => {
    const subject = caseOf(loss);
    lossContract(subject);
    for (const key of loss.manifest.golden) pairGolden(subject, key);
  });

onBackend('contract', () => {
  // A loss without kinks or other particulars stands for all: its manifest alone must pass.
  lossContract(caseOf(losses.simpoLoss as never));
});

test('most losses have laws of their own', () => {
  expect(all.filter(hasOwnTests).length).toBeGreaterThan(all.length / 2);
});
