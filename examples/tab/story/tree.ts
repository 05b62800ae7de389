/** A search that is looked at while it goes on: the tree after every leaf. */
import { ask, createTree, dvoSearch, requestFor, tell } from '@svo/mcts';
import { blankLineFormat, type Question } from '@svo/mdp';
import { localPolicy, type Params } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import { type Desk, drawAnswers } from '../../../main/src/stages/draw-responses.ts';
import type { Scene } from './scenes.ts';
import { seenTree } from './seen-tree.ts';

export async function* growTree(
  { learner, task, options }: Desk,
  params: Params,
  {
    when,
    question,
    iterations,
  }: { readonly when: 'before' | 'after'; readonly question: Question; readonly iterations: number },
): AsyncGenerator<Scene, void> {
  const { breadth, depth, temperature, stepTokens } = task.search;
  const sampling = { format: blankLineFormat, temperature, maxTokens: stepTokens };
  const policy = localPolicy({ ...learner, params, ...sampling, id: `tab-${when}` });
  const rules = dvoSearch({ verifier: mathVerifier, iterations, breadth, depth });
  const tree = createTree(question, { seed: options.seed });
  yield { kind: 'tree', when, tree: seenTree(tree) };
  for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) {
    tell(tree, rules, leaf, await policy.propose(requestFor(tree, rules, leaf)));
    yield { kind: 'tree', when, tree: seenTree(tree) };
  }
}

/** The question that the tree is of: the first of four operations that the base gets wrong. */
export async function watchedQuestion(desk: Desk, base: Params, questions: readonly Question[]): Promise<Question> {
  const long = questions.filter(({ prompt }) => prompt.match(/[-+*]/g)?.length === 4).slice(0, 20);
  for await (const { question, right } of drawAnswers(desk, base, long, 'greedy')) if (!right) return question;
  return long[0] ?? questions[0]!;
}
