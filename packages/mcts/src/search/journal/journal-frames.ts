import { xxh32 } from '../../files/checksum.ts';
import { FormatError } from '../../files/format-error.ts';

/**
 * A journal is `SVOJRNL1` and then frames, little-endian:
 *
 * | bytes | content |
 * |---|---|
 * | 3 | length of the payload |
 * | 1 | a check of that length |
 * | 4 | XXH32 of the payload, seeded with the frame before's |
 * | … | the payload |
 *
 * The seeds chain the frames: one that was changed, left out, repeated or moved fails, and so do all after it. A journal
 * that ends within a frame was cut off while being written; what is before is whole.
 */
export const JOURNAL_MAGIC: Uint8Array = new TextEncoder().encode('SVOJRNL1');

/** The largest payload a frame can carry, in bytes. */
const LARGEST_FRAME: number = 2 ** 24 - 1;

const lengthCheck = (length: number): number =>
  (xxh32(new Uint8Array([length, length >> 8, length >> 16]), 1) & 0xff) ^ 0xa5;

/** A payload framed, and the seed for the next frame. */
export function frame(payload: Uint8Array, seed: number): { readonly bytes: Uint8Array; readonly next: number } {
  if (payload.length > LARGEST_FRAME) {
    throw new RangeError(`openJournal: an event must have at most ${LARGEST_FRAME} bytes, got ${payload.length}`);
  }
  const bytes = new Uint8Array(8 + payload.length);
  const view = new DataView(bytes.buffer);
  const next = xxh32(payload, seed);
  view.setUint32(0, (payload.length | (lengthCheck(payload.length) << 24)) >>> 0, true);
  view.setUint32(4, next, true);
  bytes.set(payload, 8);
  return { bytes, next };
}

/** The payloads of a journal with their offsets, where its whole frames end, and the seed for the next one. */
export interface Frames {
  readonly payloads: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly end: number;
  readonly next: number;
}

/**
 * Splits a journal. Bytes after the last whole frame are no error: `end` says where to go on.
 *
 * @throws FormatError for a file of another kind, or a frame that was changed
 */
export function readFrames(bytes: Uint8Array, name: string): Frames {
  const start = JOURNAL_MAGIC.length;
  const head = bytes.subarray(0, start);
  if (head.some((byte, at) => byte !== JOURNAL_MAGIC[at])) {
    throw new FormatError('replayJournal', name, 0, 'does not start with SVOJRNL1: not a journal');
  }
  const payloads: { offset: number; bytes: Uint8Array }[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let next = 0;
  let at = head.length < start ? 0 : start;
  while (head.length === start && at + 8 <= bytes.length) {
    const length = view.getUint32(at, true) & 0xff_ffff;
    if (bytes[at + 3] !== lengthCheck(length)) {
      throw new FormatError('replayJournal', name, at, 'the length of an event fails its check');
    }
    if (at + 8 + length > bytes.length) break;
    const payload = bytes.subarray(at + 8, at + 8 + length);
    const checksum = xxh32(payload, next);
    if (checksum !== view.getUint32(at + 4, true)) {
      throw new FormatError(
        'replayJournal',
        name,
        at,
        'an event fails its checksum, or does not follow the one before it',
      );
    }
    payloads.push({ offset: at, bytes: payload });
    next = checksum;
    at += 8 + length;
  }
  return { payloads, end: at, next };
}
