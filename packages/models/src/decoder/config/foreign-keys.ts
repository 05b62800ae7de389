/** Keys that change a model's numbers in the family that has them: set in a config of another family, they are refused. */

import { everywhereNeutral, ownKeys } from '../families/own-keys.ts';
import type { ModelFamily } from './architecture.ts';

/**
 * Checks that a config sets no key that only other families give a meaning, or that none does here. A key that is absent, null or has
 * the value that changes nothing is fine.
 * @throws RangeError naming the first
 */
export const checkForeignKeys = (
  source: string,
  family: ModelFamily,
  config: Readonly<Record<string, unknown>>,
): void => {
  for (const [key, neutral] of Object.entries(everywhereNeutral)) {
    const value = config[key];
    if (value === undefined || value === null || ownKeys[family]?.includes(key)) continue;
    if (!neutral.some((one) => JSON.stringify(one) === JSON.stringify(value)))
      throw new RangeError(
        `${source}: ${key}: is not implemented for model_type '${family}', got ${JSON.stringify(value)} (is it another family's config?)`,
      );
  }
};
