/** The rotary tables of every kind of layer a model has, remembered by length and uploaded as tensors. */
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture, Rotation } from './architecture.ts';
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

/** Angles of 0: layers without rotary positions run through the same attention, and (a, b) stays (a, b) exactly. */
const unturned = (headDim: number, length: number): RotaryTables => ({
  cos: new Float32Array((length * headDim) / 2).fill(1),
  sin: new Float32Array((length * headDim) / 2),
  length,
  half: headDim / 2,
});

/** What {@link rotaryTables} or {@link decodingTables} gives for each kind of layer. */
export const tablesOf = (
  { rope, rotations, headDim }: Architecture,
  compute: typeof rotaryTables | typeof decodingTables,
): ((length: number) => ByRotation<RotaryTables>) => {
  const kinds = [...new Set(rotations)];
  const table = (kind: Rotation, length: number): RotaryTables =>
    kind === 'none' ? unturned(headDim, length) : compute(rope, headDim, length);
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
