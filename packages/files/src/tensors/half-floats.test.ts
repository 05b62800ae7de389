import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half-floats.ts';

const all16 = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
const real = (bits: number, exponentMask: number, fractionMask: number): boolean =>
  (bits & exponentMask) !== exponentMask || (bits & fractionMask) === 0;

describe('half floats', () => {
  it('every binary16 that is a number survives the round trip', () => {
    const back = toFloat16(fromFloat16(all16));
    for (const bits of all16) if (real(bits, 0x7c00, 0x3ff) && back[bits] !== bits) expect(back[bits]).toBe(bits);
  });

  it('every bfloat16 that is a number survives the round trip', () => {
    const back = toBfloat16(fromBfloat16(all16));
    for (const bits of all16) if (real(bits, 0x7f80, 0x7f) && back[bits] !== bits) expect(back[bits]).toBe(bits);
  });

  it('known binary16 values', () => {
    const known = {
      15360: 1,
      49152: -2,
      31743: 65504,
      1: 2 ** -24,
      1024: 2 ** -14,
      31744: Infinity,
      13653: 0.333251953125,
    };
    for (const [bits, value] of Object.entries(known))
      expect(fromFloat16(new Uint16Array([Number(bits)]))[0]).toBe(value);
  });

  it('NaN stays NaN', () => {
    expect(fromFloat16(toFloat16(new Float32Array([Number.NaN])))[0]).toBeNaN();
    expect(fromBfloat16(toBfloat16(new Float32Array([Number.NaN])))[0]).toBeNaN();
    const quietest = new Float32Array(new Uint32Array([0x7f800001]).buffer);
    expect(fromBfloat16(toBfloat16(quietest))[0]).toBeNaN();
  });

  it('rounds ties to even and overflows to infinity', () => {
    const value = (x: number) => fromFloat16(toFloat16(new Float32Array([x])))[0];
    expect(value(1 + 2 ** -11)).toBe(1);
    expect(value(1 + 3 * 2 ** -11)).toBe(1 + 2 ** -9);
    expect(value(65519)).toBe(65504);
    expect(value(65520)).toBe(Infinity);
    expect(value(2 ** -25)).toBe(0);
    expect(Object.is(value(-(2 ** -26)), -0)).toBe(true);
  });

  it.prop([fc.float({ min: -65504, max: 65504, noNaN: true })])('binary16 is the nearest', (x) => {
    const [bits] = toFloat16(new Float32Array([x]));
    const error = (candidate: number) => Math.abs(fromFloat16(new Uint16Array([candidate]))[0]! - x);
    for (const neighbour of [bits! - 1, bits! + 1])
      if (neighbour >= 0 && real(neighbour, 0x7c00, 0x3ff)) expect(error(bits!)).toBeLessThanOrEqual(error(neighbour));
  });

  it.prop([fc.float({ min: Math.fround(-1e37), max: Math.fround(1e37), noNaN: true })])(
    'bfloat16 keeps 8 bits',
    (x) => {
      const [back] = fromBfloat16(toBfloat16(new Float32Array([x])));
      expect(Math.abs(back! - x)).toBeLessThanOrEqual(Math.abs(x) * 2 ** -8 + 2 ** -133);
    },
  );
});
