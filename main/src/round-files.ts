/** What a round leaves on disk beside its trees: a summary line a tree, and the rows it trained on. */
import { toTrlRow, writeRows } from '@svo/data';
import type { TreeSummary } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import { files, type RunFolder } from './run-folder.ts';

/** Writes `trees.jsonl` (summaries) and `rows.jsonl` (TRL's stepwise rows with values, q_credits and visits). */
export async function writeRound(
  run: RunFolder,
  round: number,
  summaries: readonly TreeSummary[],
  trajectories: readonly ValuedTrajectory[],
): Promise<void> {
  await run.write(files.rows(round, 'trees'), summaries.map((summary) => `${JSON.stringify(summary)}\n`).join(''));
  await writeRows(
    run.path(files.rows(round, 'rows')),
    trajectories.map((trajectory) => ({ ...toTrlRow(trajectory) })),
  );
}
