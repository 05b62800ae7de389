import { type Fingerprint, loadTree, type Tree } from '@svo/mcts';
import { assertOptions } from '@svo/mdp';
import { differenceOf } from './difference.ts';
import type { SearchQueue } from './queue.ts';

/** A job's tree, or why there is none. */
export type SearchResult =
  | { readonly id: string; readonly tree: Tree; readonly failure?: undefined }
  | { readonly id: string; readonly tree?: undefined; readonly failure: string };

/**
 * The trees of queued jobs as they are finished, each id once, in no order. Results found earlier come at once. A job whose
 * attempts all failed, or whose bytes are not a tree, comes with `failure` instead: one bad job does not end the others.
 *
 * @param ids what {@link enqueueSearch} gave
 * @param options `signal` ends the wait by throwing its reason; `fingerprint`: what the trees must have been searched with, by the
 *   names of `Tree.fingerprint` (a result of another policy or judge, or of a version that did not record them, is a failure)
 * @throws Error for an id that is neither queued nor has a result
 * @example
 * ```ts
 * import { memorySearchQueue, results } from '@svo/queue';
 * const seen = [];
 * for await (const { id, tree, failure } of results(memorySearchQueue(), [])) seen.push(failure ?? tree.size);
 * seen; // => []
 * ```
 */
export async function* results(
  queue: SearchQueue,
  ids: Iterable<string>,
  options: { readonly signal?: AbortSignal; readonly fingerprint?: Fingerprint } = {},
): AsyncGenerator<SearchResult, void, void> {
  assertOptions('results', options, ['signal', 'fingerprint']);
  for await (const answer of queue.answers([...new Set(ids)], options.signal)) {
    yield 'failure' in answer ? answer : loaded(answer.id, answer.bytes, options.fingerprint ?? {});
  }
}

const loaded = (id: string, bytes: Uint8Array<ArrayBuffer>, fingerprint: Fingerprint): SearchResult => {
  try {
    const tree = loadTree(bytes, { name: `result ${id}` });
    const difference = differenceOf(tree, fingerprint);
    return difference === undefined ? { id, tree } : { id, failure: `results: the tree of ${id}: ${difference}` };
  } catch (error) {
    return { id, failure: (error as Error).message };
  }
};
