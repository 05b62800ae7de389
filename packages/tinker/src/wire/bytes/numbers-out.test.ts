import { fc, it } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { jsonBytes } from './numbers-out.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const written = (values: readonly number[]): string =>
  text(jsonBytes(new Uint8Array(8)).floats(Float32Array.from(values)).done());

describe('numbers out', () => {
  it.prop([fc.array(float, { minLength: 1 })])('a float32 comes back bit for bit', (values) => {
    const back = JSON.parse(`[${written(values)}]`) as number[];
    // −0 is 0 on the wire, and adds as it.
    expect(back.map(Math.fround)).toEqual(values.map((value) => value + 0));
  });

  test('at the ends of the range, at powers of ten and two, in runs', () => {
    const powers = Array.from({ length: 84 }, (_, i) => Math.fround(10 ** (i - 45)));
    const twos = Array.from({ length: 276 }, (_, i) => Math.fround(2 ** (i - 149)));
    const near = powers.flatMap((value) => [value * 0.99999994, value * 1.0000001].map(Math.fround));
    const values = [...powers, ...twos, ...near, 3.4028234663852886e38, 1, 1, 1, -2.5, -2.5, 0, 0].filter(
      Number.isFinite,
    );
    expect((JSON.parse(`[${written(values)}]`) as number[]).map(Math.fround)).toEqual(values);
  });

  it.prop([fc.array(fc.nat(2 ** 31 - 1), { minLength: 1 })])('ids are as JSON writes them', (ids) => {
    expect(text(jsonBytes(new Uint8Array(1)).integers(Int32Array.from(ids), 0, ids.length).done())).toBe(ids.join(','));
  });
});
