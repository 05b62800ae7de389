/** What a forward pass needs besides parameters and ids, made once a model. */
import type { Architecture } from './architecture.ts';
import { parameterShapes } from './parameters.ts';
import { decodingTables, type RotaryTables, rotaryTables } from './rope.ts';
import { type ByRotation, tablesOf } from './rotations.ts';

/** What a forward pass keeps for the backward pass. */
export type Checkpoint = 'none' | 'layer';

/** How a decoder runs, whatever its architecture. */
export interface DecoderOptions {
  /**
   * `'layer'`: between the passes only each layer's input is kept, and the layer runs again on the way back (1604.06174). The same
   * gradients, bit for bit, for a fraction of the memory and one forward pass more. `'none'` by default.
   */
  readonly checkpoint?: Checkpoint;
}

/** What a forward pass needs besides parameters and ids: the architecture, adapters' scale, and its rotary tables. */
export interface Decoder {
  readonly architecture: Architecture;
  /** α / r of the LoRA adapters that params may hold; without it adapters in params are not looked at. */
  readonly adapterScale?: number;
  readonly checkpoint: Checkpoint;
  /** Shapes of all parameters but the head's, for checking. */
  readonly trunk: Readonly<Record<string, readonly number[]>>;
  /** Tables for whole sequences of `length` tokens, one for each kind of rotation the layers have. */
  readonly tables: (length: number) => ByRotation<RotaryTables>;
  /** Tables for decoding token by token up to `capacity` tokens. */
  readonly decodingTables: (capacity: number) => ByRotation<RotaryTables>;
}

const trunkShapes = (architecture: Architecture): Readonly<Record<string, readonly number[]>> => {
  const { 'lm_head.weight': _, ...trunk } = parameterShapes(architecture);
  return trunk;
};

/** Throws a RangeError for a `checkpoint` that is none. */
export const checkCheckpoint = (source: string, checkpoint: Checkpoint | undefined): void => {
  if (checkpoint === undefined || checkpoint === 'none' || checkpoint === 'layer') return;
  throw new RangeError(`${source}: checkpoint must be 'none' or 'layer', got ${JSON.stringify(checkpoint)}`);
};

/** Builds the record the forward pass reads. */
export const decoder = (
  architecture: Architecture,
  { checkpoint = 'none' }: DecoderOptions = {},
  adapterScale?: number,
): Decoder => ({
  architecture,
  checkpoint,
  ...(adapterScale !== undefined && { adapterScale }),
  trunk: trunkShapes(architecture),
  tables: tablesOf(architecture, rotaryTables),
  decodingTables: tablesOf(architecture, decodingTables),
});
