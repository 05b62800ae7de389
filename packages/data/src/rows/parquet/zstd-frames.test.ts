import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { zstdFrames } from './zstd-frames.ts';

const texts = ['', 'a', 'ab'.repeat(200), Array.from({ length: 40_000 }, (_, i) => `${Math.sin(i)}`).join('\n')];

test.runIf('zstdCompressSync' in zlib)('a stream is cut where its frames end, however its chunks are', () => {
  const { constants } = zlib;
  const packed = texts.flatMap((text) =>
    [0, 1].map((flag) => zlib.zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: flag } })),
  );
  const skippable = Buffer.from('532a4d1803000000aabbcc', 'hex');
  const frames = [...packed.slice(0, 4), skippable, ...packed.slice(4)];
  const stream = Buffer.concat(frames);
  for (const size of [1, 7, 1000]) {
    const follow = zstdFrames();
    const lengths: number[] = [];
    let length = 0;
    for (let at = 0; at < stream.length; ) {
      const read = follow.push(stream.subarray(at, Math.min(stream.length, at + size)));
      at += read;
      length += read;
      if (!follow.atEnd()) continue;
      lengths.push(length);
      length = 0;
    }
    expect(lengths).toEqual(frames.map((frame) => frame.length));
  }
});

test('a frame by hand: header without a size, one raw block of two bytes, a checksum', () => {
  const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x11, 0x00, 0x00, 0x61, 0x62, 1, 2, 3, 4]);
  for (let length = 1; length <= frame.length; length++) {
    const follow = zstdFrames();
    expect(follow.push(frame.subarray(0, length))).toBe(length);
    expect(follow.atEnd()).toBe(length === frame.length);
  }
});
