/** What one request may hold. */
export interface ChunkLimits {
  readonly data: number;
  readonly bytes: number;
}

/** The official SDK's, where a server doesn't say. */
export const usualLimits: ChunkLimits = { data: 1024, bytes: 5_000_000 };

/** Where to cut data of these sizes: consecutive pieces within the limits, as [from, to); a datum that is larger by itself goes alone. */
export function cuts(sizes: readonly number[], limits: ChunkLimits): readonly (readonly [number, number])[] {
  const pieces: [number, number][] = [];
  let from = 0;
  let bytes = 0;
  for (const [i, size] of sizes.entries()) {
    if (i > from && (i - from >= limits.data || bytes + size > limits.bytes)) {
      pieces.push([from, i]);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < sizes.length) pieces.push([from, sizes.length]);
  return pieces;
}
