/** What a forward pass needs besides parameters and ids, made once a model. */
import type { StoredMatrix } from '@svo/files';
import type { Tensor } from '@svo/tensor';
import type { Architecture } from './config/architecture.ts';
import { type Params, parameterShapes } from './parameters.ts';
import { decodingTables, type RotaryTables, rotaryTables } from './rotary/rope.ts';
import { type ByRotation, tablesOf } from './rotary/rotations.ts';

/** What a forward pass keeps for the backward pass. */
export type Checkpoint = 'none' | 'layer';

/** Stored matrices by their parameters' names. */
export type FrozenMatrices = Readonly<Record<string, StoredMatrix>>;

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
  /** r of the LoRA adapters that params may hold, and α / r; without them adapters in params are not looked at. */
  readonly adapters?: { readonly rank: number; readonly scale: number };
  readonly checkpoint: Checkpoint;
  /** Matrices that stay as they are stored, outside the backend's memory, under their parameters' names; none of them is trained. */
  readonly frozen: FrozenMatrices;
  /** Shapes of all parameters but the head's and those that are frozen, for checking. */
  readonly trunk: Readonly<Record<string, readonly number[]>>;
  /** Tables for whole sequences of `length` tokens, one for each kind of rotation the layers have. */
  readonly tables: (length: number) => ByRotation<RotaryTables>;
  /** Tables for decoding token by token up to `capacity` tokens. */
  readonly decodingTables: (capacity: number) => ByRotation<RotaryTables>;
}

const trunkShapes = (architecture: Architecture, frozen: FrozenMatrices): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(
    Object.entries(parameterShapes(architecture)).filter(([name]) => name !== 'lm_head.weight' && !(name in frozen)),
  );

/** A weight under its full name: what `params` hold comes before what is frozen. */
export const weightOf = ({ frozen }: Decoder, params: Params, name: string): Tensor | StoredMatrix =>
  params[name] ?? frozen[name]!;

/** Throws a RangeError for a `checkpoint` that is none. */
export const checkCheckpoint = (source: string, checkpoint: Checkpoint | undefined): void => {
  if (checkpoint === undefined || checkpoint === 'none' || checkpoint === 'layer') return;
  throw new RangeError(`${source}: checkpoint must be 'none' or 'layer', got ${JSON.stringify(checkpoint)}`);
};

/** Builds the record the forward pass reads. */
export const decoder = (
  architecture: Architecture,
  { checkpoint = 'none' }: DecoderOptions = {},
  frozen: FrozenMatrices = {},
): Decoder => ({
  architecture,
  checkpoint,
  frozen,
  trunk: trunkShapes(architecture, frozen),
  tables: tablesOf(architecture, rotaryTables),
  decodingTables: tablesOf(architecture, decodingTables),
});
