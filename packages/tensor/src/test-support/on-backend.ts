import { describe } from 'vitest';
import { testBackend } from '../testing/test-backend.ts';

/** This run's backend. The shared operations have no fused version, so `+kernels` changes nothing for them. */
const { name, refusal } = await testBackend(() => Promise.resolve());

/** A block of tests on this run's backend: skipped, with the reason in its title, where it does not start. */
export function onBackend(title: string, body: () => void): void {
  if (refusal === undefined) describe(`${title} [${name}]`, body);
  else describe.skip(`${title} [${name} could not start: ${refusal}]`, body);
}
