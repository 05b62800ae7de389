import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { tfRecord } from './tfrecord.ts';

it('tfRecord frames data with lengths and masked checksums that undo to the plain ones', () => {
  const data = new TextEncoder().encode('value');
  const record = tfRecord(data);
  const view = new DataView(record.buffer);
  const unmask = (masked: number) => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  expect(view.getBigUint64(0, true)).toBe(5n);
  expect(unmask(view.getUint32(8, true))).toBe(crc32c(record.subarray(0, 8)));
  expect(record.subarray(12, 17)).toEqual(data);
  expect(unmask(view.getUint32(17, true))).toBe(crc32c(data));
});
