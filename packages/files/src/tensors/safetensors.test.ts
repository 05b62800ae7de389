import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { decodeElements, decodeSafetensors, encodeSafetensors } from './safetensors.ts';

describe('safetensors round trip', () => {
  const tensors = fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== '__proto__' && name !== '__metadata__'),
    fc.oneof(
      fc.array(fc.float()).map((values) => ({ data: Float32Array.from(values), shape: [values.length] })),
      fc.array(fc.integer()).map((values) => ({ data: Int32Array.from(values), shape: [1, values.length] })),
    ),
  );

  it.prop([
    tensors,
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.string(),
    ),
  ])('returns what was written', (written, metadata) => {
    const read = decodeSafetensors(encodeSafetensors(written, { metadata }));
    expect(read.metadata).toEqual({ ...metadata });
    expect(read.tensors).toEqual({ ...written });
  });

  it('is aligned and bit-exact, whatever offset the bytes came from', () => {
    const bytes = encodeSafetensors({
      odd: { data: new Int32Array([7]), shape: [] },
      w: { data: new Float32Array([0.1, -0]), shape: [2] },
    });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { tensors } = decodeSafetensors(shifted.subarray(3));
    expect(tensors.w!.data).toEqual(new Float32Array([0.1, -0]));
    expect(tensors.odd).toEqual({ data: new Int32Array([7]), shape: [] });
  });

  it('stores halves in half the space', () => {
    const data = Float32Array.from([1, -2.5, 65504, 0.1]);
    for (const dtype of ['F16', 'BF16'] as const) {
      const { tensors } = decodeSafetensors(encodeSafetensors({ w: { data, shape: [4] } }, { dtype }));
      expect(tensors.w!.data[1]).toBe(-2.5);
      expect(tensors.w!.data[3]).toBeCloseTo(0.1, 2);
      expect(tensors.w!.data[3]).not.toBe(data[3]);
    }
  });

  it('refuses to write a shape that disagrees with its data', () => {
    expect(() => encodeSafetensors({ w: { data: new Float32Array(3), shape: [2] } })).toThrow(
      'w: shape [2] does not hold 3 values',
    );
  });

  it('a dtype that does not decode is named', () => {
    expect(() => decodeElements(new Uint8Array(8), 'I64', 'positions')).toThrow(
      'positions: dtype must be F32, F16, BF16 or I32',
    );
  });
});
