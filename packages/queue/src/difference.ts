import type { Fingerprint, Tree } from '@svo/mcts';
import type { Question } from '@svo/mdp';

/** What a tree should have been searched for and with: any part of it. */
export interface Expected {
  readonly question?: Question;
  readonly seed?: number;
  readonly [part: string]: Fingerprint[string] | Question | undefined;
}

/** The first difference between a tree and what it should be, in words; `undefined` for none. */
export function differenceOf(tree: Tree, { question, seed, ...parts }: Expected): string | undefined {
  const wanted: [name: string, is: unknown, should: unknown][] = [
    ['seed', tree.seed, seed],
    ['question.id', tree.question.id, question?.id],
    ['question.prompt', tree.question.prompt, question?.prompt],
    ...(question === undefined
      ? []
      : [['question.answer', tree.question.answer, question.answer ?? null] as [string, unknown, unknown]]),
    ...Object.entries(parts).map(([name, should]): [string, unknown, unknown] => [
      name,
      tree.fingerprint?.[name],
      should,
    ]),
  ];
  const different = wanted.find(([, is, should]) => should !== undefined && (is ?? null) !== should);
  return different === undefined
    ? undefined
    : `${different[0]} is ${different[1] ?? 'not known'}, expected ${different[2] ?? 'none'}`;
}
