import { requestFor } from '../../tree/path.ts';
import { addTo, noUsage, type Usage } from '../../tree/tree.ts';
import { answerMany, untilAborted } from '../ask/answer.ts';
import type { ProgressRecord, SearchManyOptions, TreeRecord } from '../search-options.ts';
import { arriveInLane, isLaneFinished, type Lane, recordOf, startLane } from './lane.ts';
import type { LaneSource } from './lane-source.ts';

/** Searches in waves: every leaf in flight of every active tree goes to the policy in one call. */
export async function* waveLanes(
  source: LaneSource,
  trees: number,
  { policy, valueModel, signal }: SearchManyOptions,
): AsyncGenerator<TreeRecord | ProgressRecord, void, void> {
  const asked = { caller: 'searchMany', policy, valueModel, signal };
  let active: Lane[] = [];
  let outstanding: { lane: Lane; leaf: number }[] = [];
  let finished = 0;
  const past: Usage = noUsage();
  let wave = 0;
  for (;;) {
    while (active.length < trees) {
      const lane = source.next();
      if (lane === undefined) break;
      active.push(lane);
      for (const leaf of startLane(lane)) outstanding.push({ lane, leaf });
    }
    const done = active.filter(isLaneFinished);
    if (done.length > 0) {
      active = active.filter((lane) => !isLaneFinished(lane));
      for (const lane of done) {
        finished++;
        addTo(past, lane.tree.usage);
        const last = source.finished(lane);
        yield recordOf(lane, last);
      }
      continue;
    }
    if (outstanding.length === 0) return;
    signal?.throwIfAborted();
    const requests = outstanding.map(({ lane, leaf }) => requestFor(lane.tree, lane.rules, leaf));
    const answers = await untilAborted(answerMany(asked, requests), signal);
    const next: typeof outstanding = [];
    outstanding.forEach(({ lane, leaf }, row) => {
      for (const fresh of arriveInLane(lane, leaf, answers[row]!)) next.push({ lane, leaf: fresh });
    });
    yield {
      kind: 'progress',
      wave: ++wave,
      requests: outstanding.length,
      finished,
      active: active.length,
      usage: active.reduce((sum, { tree }) => addTo(sum, tree.usage), { ...past }),
    };
    outstanding = next;
  }
}
