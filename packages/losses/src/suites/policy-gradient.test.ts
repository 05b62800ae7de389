/** Every policy gradient with a ratio: the contract, verl's and TRL's numbers, and the laws they have in common. */
import { expect, test } from 'vitest';
import * as losses from '../index.ts';
import type { Loss } from '../manifest/manifest.ts';
import { policyGradientLaws } from '../test-support/contract/policy-gradient-laws.ts';
import { onBackend } from '../test-support/running/backend.ts';

const all = Object.values(losses as unknown as Record<string, Loss<never, object>>).filter(
  ({ manifest }) => manifest?.family === 'policy-gradient' && 'behaviorLogps' in manifest.inputs,
);

for (const loss of all) onBackend(loss.manifest.name, () => policyGradientLaws(loss));

test('there are policy gradients', () => {
  expect(all.length).toBeGreaterThan(0);
});
