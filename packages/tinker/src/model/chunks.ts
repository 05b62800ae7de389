/** What one request may hold: the official SDK's limits, which servers expect. */
const mostData = 1024;
const mostBytes = 5_000_000;

/** Consecutive pieces of at most `mostData` data and `mostBytes` bytes; a datum that is longer by itself goes alone. */
export function chunked(
  data: readonly string[],
  limits: { readonly data: number; readonly bytes: number } = { data: mostData, bytes: mostBytes },
): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let open: string[] = [];
  let bytes = 0;
  for (const datum of data) {
    // JSON of numbers and fixed names is ASCII: a character is a byte.
    if (open.length > 0 && (open.length >= limits.data || bytes + datum.length > limits.bytes)) {
      chunks.push(open);
      open = [];
      bytes = 0;
    }
    open.push(datum);
    bytes += datum.length;
  }
  if (open.length > 0) chunks.push(open);
  return chunks;
}
