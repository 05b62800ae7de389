import { expect, test } from 'vitest';
import { bytesChecksum } from './bytes-checksum.ts';

test('one bit anywhere, the length and the order show', () => {
  for (const length of [1, 3, 4, 5, 31, 70_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + 11) % 256);
    const sum = bytesChecksum(bytes);
    expect(sum).toMatch(/^[0-9a-f]{16}$/);
    expect(bytesChecksum(bytes.slice())).toBe(sum);
    for (const at of new Set([0, length >> 1, length - 1])) {
      for (const bit of [1, 128])
        expect(bytesChecksum(bytes.map((byte, i) => byte ^ (i === at ? bit : 0)))).not.toBe(sum);
    }
    expect(bytesChecksum(Uint8Array.of(...bytes.subarray(0, 1000), 0))).not.toBe(
      bytesChecksum(bytes.subarray(0, 1000)),
    );
  }
  const numbers = Float32Array.of(1, 2, 3, 0, -0);
  expect(bytesChecksum(numbers)).not.toBe(bytesChecksum(Float32Array.of(2, 1, 3, 0, -0)));
  expect(bytesChecksum(numbers)).not.toBe(bytesChecksum(Float32Array.of(1, 2, 3, -0, 0)));
  // Where the array starts does not.
  const bytes = new Uint8Array(numbers.buffer);
  const moved = new Uint8Array(bytes.length + 1);
  moved.set(bytes, 1);
  expect(bytesChecksum(moved.subarray(1))).toBe(bytesChecksum(numbers));
});
