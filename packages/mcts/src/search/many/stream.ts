import { requestFor } from '../../tree/path.ts';
import { addTo, noUsage, type Usage } from '../../tree/tree.ts';
import { answerMany } from '../ask/answer.ts';
import type { ProgressRecord, SearchManyOptions, TreeRecord } from '../search-options.ts';
import { arriveInLane, isLaneFinished, type Lane, recordOf, startLane } from './lane.ts';
import type { LaneSource } from './lane-source.ts';

/**
 * Searches as a stream: each leaf is a request of its own, and an answer is told, and the next leaf sent, the moment it
 * comes, whether or not the caller has taken the last finished tree. No new tree is started while as many finished ones
 * as may be active wait to be taken, so that memory stays bounded.
 */
export async function* streamLanes(
  source: LaneSource,
  trees: number,
  { policy, valueModel, signal }: SearchManyOptions,
): AsyncGenerator<TreeRecord | ProgressRecord, void, void> {
  const own = new AbortController();
  const both = signal === undefined ? own.signal : AbortSignal.any([signal, own.signal]);
  const asked = { caller: 'searchMany', policy, valueModel, signal: both };
  const usage: Usage = noUsage();
  const ready: { lane: Lane; last: boolean }[] = [];
  let active = 0;
  let inFlight = 0;
  let answered = 0;
  let finished = 0;
  let broken: { readonly error: unknown } | undefined;
  let wake: () => void = () => {};

  const fail = (error: unknown): void => {
    broken ??= { error };
    wake();
  };
  const send = (lane: Lane, leaf: number): void => {
    inFlight++;
    answerMany(asked, [requestFor(lane.tree, lane.rules, leaf)])
      .then(([answer]) => {
        if (both.aborted) return;
        inFlight--;
        answered++;
        advance(lane, arriveInLane(lane, leaf, answer!));
      })
      .catch(fail);
  };
  const advance = (lane: Lane, fresh: readonly number[]): void => {
    for (const leaf of fresh) send(lane, leaf);
    if (!isLaneFinished(lane)) return;
    active--;
    finished++;
    addTo(usage, lane.tree.usage);
    ready.push({ lane, last: source.finished(lane) });
    start();
    wake();
  };
  const start = (): void => {
    while (active < trees && ready.length < trees) {
      const lane = source.next();
      if (lane === undefined) return;
      active++;
      advance(lane, startLane(lane));
    }
  };

  try {
    both.throwIfAborted();
    // Node 20 takes eleven listeners on one signal for a leak; a search has one for each leaf in flight.
    globalThis.process?.getBuiltinModule?.('node:events')?.setMaxListeners(0, both);
    // One listener for the search, not one a request: a policy that does not listen can't hold it up.
    both.addEventListener('abort', () => fail(both.reason), { once: true });
    start();
    for (;;) {
      if (broken !== undefined) throw broken.error;
      const next = ready.shift();
      if (next !== undefined) {
        const { lane, last } = next;
        start();
        yield { kind: 'progress', wave: answered, requests: inFlight, finished, active, usage: { ...usage } };
        yield recordOf(lane, last);
      } else if (active === 0) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    own.abort();
  }
}
