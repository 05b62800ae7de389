/** Little-endian bytes as a number. */
const numberOf = (bytes: readonly number[]): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);

const SKIPPABLE = 0x184d2a50;
const checksumBytes = 4;

/** A place in a zstd stream. */
export interface ZstdFrames {
  /** Reads on, up to the end of a frame at most; how many bytes were read. */
  readonly push: (chunk: Uint8Array) => number;
  /** Whether a frame ends here (or none has begun). */
  readonly atEnd: () => boolean;
}

/**
 * Follows a zstd stream by its frames and blocks (RFC 8878, section 3.1) without unpacking it. Node unpacks the first frame of a
 * stream and leaves the others out; Node 22 also unpacks what is there of a frame that was cut, and says nothing.
 */
export const zstdFrames = (): ZstdFrames => {
  type Part = (bytes: readonly number[]) => void;
  let gathered: number[] = [];
  let [wanted, skip] = [0, 0];
  let next: Part = () => undefined;
  let checksum = 0;
  const want = (count: number, then: Part): void => {
    [wanted, next] = [count, then];
  };
  const magic: Part = (bytes) => {
    if (numberOf(bytes) >>> 4 === SKIPPABLE >>> 4) want(4, skippable);
    else want(1, header);
  };
  const skippable: Part = (size) => {
    skip = numberOf(size);
    start();
  };
  const start = (): void => want(4, magic);
  const header: Part = ([descriptor = 0]) => {
    const single = (descriptor >> 5) & 1;
    checksum = (descriptor >> 2) & 1 ? checksumBytes : 0;
    const sizeBytes = [single, 2, 4, 8][descriptor >> 6]!;
    skip = 1 - single + [0, 1, 2, 4][descriptor & 3]! + sizeBytes;
    want(3, block);
  };
  const block: Part = (bytes) => {
    const value = numberOf(bytes);
    const repeated = ((value >> 1) & 3) === 1;
    skip = repeated ? 1 : value >> 3;
    if ((value & 1) === 0) return;
    skip += checksum;
    start();
  };
  start();
  const atEnd = (): boolean => skip === 0 && gathered.length === 0 && next === magic;
  return {
    push: (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        if (skip > 0) {
          const skipped = Math.min(skip, chunk.length - at);
          skip -= skipped;
          at += skipped;
        } else {
          gathered.push(chunk[at++]!);
          if (gathered.length < wanted) continue;
          const part = gathered;
          gathered = [];
          next(part);
        }
        if (atEnd()) return at;
      }
      return chunk.length;
    },
    atEnd,
  };
};
