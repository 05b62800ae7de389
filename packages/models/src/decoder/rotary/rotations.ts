/** The rotary tables of every kind of layer a model has, remembered by length and uploaded as tensors. */
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture, Rotation } from '../config/architecture.ts';
import type { decodingTables, RotaryTables, rotaryTables } from './rope.ts';

/** One value for each kind of rotation that some layer of the model has. */
export type ByRotation<T> = Readonly<Partial<Record<Rotation, T>>>;

/** A function of one number that remembers its last few results: sequence lengths repeat. */
const remembered = <T>(compute: (key: number) => T, most = 8): ((key: number) => T) => {
  const known = new Map<number, T>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.delete(key);
    known.set(key, value);
    if (known.size > most) known.delete(known.keys().next().value!);
    return value;
  };
};

/**
 * Tables as wide as a head: dimensions that are not rotated have the angle 0, where (a, b) stays (a, b) exactly. Queries and keys both
 * go through them, so scores are multiplied by `scale` where every entry is by √scale.
 */
const asWideAsHeads = (turned: RotaryTables | undefined, half: number, length: number, scale: number): RotaryTables => {
  const factor = Math.sqrt(scale);
  const cos = new Float32Array(length * half).fill(factor);
  const sin = new Float32Array(length * half);
  if (turned)
    for (let row = 0; row < length; row++)
      for (let i = 0; i < turned.half; i++) {
        cos[row * half + i] = turned.cos[row * turned.half + i]! * factor;
        sin[row * half + i] = turned.sin[row * turned.half + i]! * factor;
      }
  return { cos, sin, length, half };
};

/** What {@link rotaryTables} or {@link decodingTables} gives for each kind of layer. */
export const tablesOf = (
  { rope, localRope = rope, rotations, rotaryDim, headDim, scoreScale }: Architecture,
  compute: typeof rotaryTables | typeof decodingTables,
): ((length: number) => ByRotation<RotaryTables>) => {
  const kinds = [...new Set(rotations)];
  const table = (kind: Rotation, length: number): RotaryTables => {
    const turned = kind === 'none' ? undefined : compute(kind === 'local' ? localRope : rope, rotaryDim, length);
    const asTheyAre = rotaryDim === headDim && scoreScale === 1;
    return turned && asTheyAre ? turned : asWideAsHeads(turned, headDim / 2, length, scoreScale);
  };
  return remembered((length) => Object.fromEntries(kinds.map((kind) => [kind, table(kind, length)])));
};

/** cos and sin on the device, `[length, headDim / 2]` each. */
export type RotaryTensors = {
  readonly cos: Tensor;
  readonly sin: Tensor;
};

/** Uploads tables. */
export const tableTensors = (tables: ByRotation<RotaryTables>): ByRotation<RotaryTensors> =>
  Object.fromEntries(
    Object.entries(tables).map(([kind, { cos, sin, length, half }]) => [
      kind,
      { cos: tf.tensor2d(cos, [length, half]), sin: tf.tensor2d(sin, [length, half]) },
    ]),
  );
