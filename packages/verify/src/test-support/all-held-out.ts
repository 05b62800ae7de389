import { firstBatch, type Pair } from './held-out.ts';
import { laterBatches } from './held-out-later.ts';

/** All pairs that were written after the rules. */
export const heldOut: readonly Pair[] = [...firstBatch, ...laterBatches];
