import type { BackendName } from '../backend/report.ts';
import { useBackend } from '../backend/use-backend.ts';

/** A backend, and why it does not start on this machine, if it does not. */
export interface BackendHere {
  readonly name: BackendName;
  readonly reason?: string;
}

/**
 * Tries to start each backend. What does not start is printed with its reason: a suite skips it, in sight. The last one that
 * started is active afterwards.
 *
 * @example
 * ```ts
 * import { backendsHere } from '@svo/tensor/testing';
 * await backendsHere(['cpu']); // => [{ name: 'cpu' }]
 * ```
 */
export async function backendsHere(names: readonly BackendName[]): Promise<BackendHere[]> {
  const found: BackendHere[] = [];
  for (const name of names) {
    try {
      await useBackend(name);
      found.push({ name });
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
      console.warn(`${name} is NOT checked in this run: ${reason}`);
      found.push({ name, reason });
    }
  }
  return found;
}
