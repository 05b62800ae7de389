import type { Draw } from '@svo/mdp';

/**
 * What was drawn for the steps of a tree: token ids and log-probs, one node's after the other's. A tree has it from the first
 * candidate on that came with both; then a node costs 4 bytes and a token 12.
 */
export interface Draws {
  /** [N, or more] where each node's tokens end; they start where the node's before it end. A node without a draw has none. */
  ends: Uint32Array;
  tokenIds: Int32Array;
  /** Float64: what the policy said, to the last bit. */
  logps: Float64Array;
}

/** The draws of a tree of `size` nodes, of which none has one yet. */
export function createDraws(size: number): Draws {
  return { ends: new Uint32Array(2 * size), tokenIds: new Int32Array(64), logps: new Float64Array(64) };
}

/** What was drawn for the step into a node, `undefined` where nobody knows. */
export function drawAt(draws: Draws | undefined, node: number): Draw | undefined {
  if (draws === undefined || node === 0) return undefined;
  const start = draws.ends[node - 1]!;
  const end = draws.ends[node]!;
  if (start === end) return undefined;
  return { tokenIds: [...draws.tokenIds.subarray(start, end)], logps: [...draws.logps.subarray(start, end)] };
}

/** Adds the draws of new nodes, from `first` on; nodes are added in order, and each once. */
export function addDraws(draws: Draws, first: number, added: readonly (Draw | undefined)[]): void {
  const last = first + added.length;
  if (last > draws.ends.length) draws.ends = grown(draws.ends, new Uint32Array(2 * last));
  let at = first === 0 ? 0 : draws.ends[first - 1]!;
  const tokens = added.reduce((sum, draw) => sum + (draw?.tokenIds.length ?? 0), at);
  if (tokens > 0xffff_ffff) throw new RangeError(`tell: a tree can hold 2^32 drawn tokens, got ${tokens}`);
  if (tokens > draws.tokenIds.length) {
    draws.tokenIds = grown(draws.tokenIds, new Int32Array(2 * tokens));
    draws.logps = grown(draws.logps, new Float64Array(2 * tokens));
  }
  added.forEach((draw, k) => {
    if (draw !== undefined) {
      draws.tokenIds.set(draw.tokenIds, at);
      draws.logps.set(draw.logps, at);
      at += draw.tokenIds.length;
    }
    draws.ends[first + k] = at;
  });
}

/** The draws of a tree as arrays of their true lengths. */
export function trimmedDraws({ ends, tokenIds, logps }: Draws, size: number): Draws {
  const tokens = ends[size - 1]!;
  return { ends: ends.subarray(0, size), tokenIds: tokenIds.subarray(0, tokens), logps: logps.subarray(0, tokens) };
}

/** Draws only where there is one: a list that knows nothing is not carried along. */
export function unlessEmpty(draws: readonly (Draw | undefined)[]): { readonly draws?: readonly (Draw | undefined)[] } {
  return draws.some((draw) => draw !== undefined) ? { draws } : {};
}

const grown = <A extends { set(from: A): void }>(from: A, to: A): A => {
  to.set(from);
  return to;
};
