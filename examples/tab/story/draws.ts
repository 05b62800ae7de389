/** Whole solutions to many questions: a step is worth what became of those who took it. */
import { drawnTrajectories, loadTree, saveTree, type Tree } from '@svo/mcts';
import type { Question } from '@svo/mdp';
import type { Params } from '@svo/models';
import type { Desk } from '../../../main/src/stages/draw-responses.ts';
import { drawnTrees } from '../../../main/src/stages/drawn-trees.ts';
import type { Kept } from './kept.ts';
import type { Scene } from './scenes.ts';
import { clearestPair } from './solutions.ts';

/** Draws as the main job's first round does, to the same trees. */
export async function* drawAll(
  desk: Desk,
  kept: Kept,
  base: Params,
  { questions, draws }: { readonly questions: readonly Question[]; readonly draws: number },
): AsyncGenerator<Scene, readonly Tree[]> {
  const saved = await kept.read<readonly Uint8Array[]>('trees');
  if (saved !== undefined) return saved.map((bytes) => loadTree(bytes));
  yield { kind: 'chapter', chapter: 'draws' };
  const trees: Tree[] = [];
  let [solutions, right] = [0, 0];
  for await (const tree of drawnTrees(desk, base, questions, { draws, purpose: 'draws-1' })) {
    trees.push(tree);
    for (const { reward } of drawnTrajectories(tree)) {
      solutions++;
      if (reward > 0) right++;
    }
    const last = trees.length === questions.length;
    if (last || trees.length % 8 === 0)
      yield { kind: 'drawn', drawn: { questions: trees.length, of: questions.length, solutions, right } };
    if (last || trees.length % 64 === 0) yield { kind: 'solutions', solutions: clearestPair(trees) };
  }
  await kept.write({ trees: trees.map((tree) => saveTree(tree)) });
  return trees;
}
