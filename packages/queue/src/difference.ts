import type { Fingerprint, Tree } from '@svo/mcts';
import type { SearchJob } from './job.ts';

/** The first part in which a tree was not searched with what it should have been, in words; `undefined` for none. */
export function differenceOf(tree: Tree, expected: Fingerprint): string | undefined {
  return firstDifference(tree.fingerprint ?? {}, expected);
}

/** The first way in which a tree is not a job's; `undefined` for none. */
export function differenceFrom(tree: Tree, { question, seed, fingerprint = {} }: SearchJob): string | undefined {
  const parts = (of: SearchJob['question'], own: number): Fingerprint => ({
    'question.id': of.id,
    'question.prompt': of.prompt,
    'question.answer': of.answer ?? null,
    seed: own,
  });
  return firstDifference(parts(tree.question, tree.seed), parts(question, seed)) ?? differenceOf(tree, fingerprint);
}

const firstDifference = (is: Fingerprint, should: Fingerprint): string | undefined => {
  const part = Object.keys(should).find((name) => (is[name] ?? null) !== should[name]);
  return part === undefined ? undefined : `${part} is ${is[part] ?? 'not known'}, expected ${should[part] ?? 'none'}`;
};
