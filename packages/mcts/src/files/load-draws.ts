import type { Draw } from '@svo/mdp';
import type { Draws } from '../tree/draws.ts';

/** A section of a file, by name. */
type Section = { readonly offset: number; readonly bytes: Uint8Array } | undefined;

/**
 * The draws in a file's sections, `undefined` where it has none; `fail` makes the error for what is not as `saveTree` writes it.
 */
export function drawsFrom(
  size: number,
  section: (name: string) => Section,
  fail: (offset: number, problem: string) => Error,
): Draws | undefined {
  const [ends, tokenIds, logps] = [section('ends'), section('tokenIds'), section('logps')];
  if (ends === undefined && tokenIds === undefined && logps === undefined) return undefined;
  if (ends === undefined || tokenIds === undefined || logps === undefined) {
    throw fail(16, "sections 'ends', 'tokenIds' and 'logps' must all be there, or none");
  }
  const tokens = tokenIds.bytes.length / 4;
  if (ends.bytes.length !== 4 * size)
    throw fail(ends.offset, `section 'ends' must have ${4 * size} bytes for ${size} nodes`);
  if (!Number.isInteger(tokens) || logps.bytes.length !== 8 * tokens) {
    throw fail(logps.offset, "section 'logps' must have one float64 for each int32 of 'tokenIds'");
  }
  const draws: Draws = {
    ends: new Uint32Array(ends.bytes.buffer, ends.bytes.byteOffset, size),
    tokenIds: new Int32Array(tokenIds.bytes.buffer, tokenIds.bytes.byteOffset, tokens),
    logps: new Float64Array(logps.bytes.buffer, logps.bytes.byteOffset, tokens),
  };
  let sound = draws.ends[0] === 0 && draws.ends[size - 1] === tokens;
  for (let node = 1; node < size; node++) sound &&= draws.ends[node]! >= draws.ends[node - 1]!;
  if (!sound) throw fail(ends.offset, "section 'ends' does not divide section 'tokenIds' into draws");
  if (draws.tokenIds.some((id) => id < 0)) throw fail(tokenIds.offset, "section 'tokenIds' has a negative id");
  if (!draws.logps.every(Number.isFinite)) throw fail(logps.offset, "section 'logps' has a number that is not finite");
  return draws;
}

/** What was drawn before the root, as a header has it. */
export function prefixDrawsFrom(entries: readonly (Draw | null)[] | undefined, steps: number): (Draw | undefined)[] {
  if (entries === undefined) return [];
  const isDraw = (entry: Draw | null): boolean =>
    entry === null ||
    (Array.isArray(entry.tokenIds) &&
      Array.isArray(entry.logps) &&
      entry.tokenIds.length === entry.logps.length &&
      entry.tokenIds.every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 31) &&
      entry.logps.every(Number.isFinite));
  if (!Array.isArray(entries) || entries.length !== steps || !entries.every(isDraw)) {
    throw new Error('prefixDraws must be a draw or null for each step of the prefix');
  }
  return entries.map((entry) => entry ?? undefined);
}
