import { prefixTree, type Tree } from '@svo/mcts';
import {
  assertCounts,
  assertOptions,
  blankLineFormat,
  type Candidate,
  type Policy,
  type Question,
  type StepFormat,
  type Verifier,
} from '@svo/mdp';
import { stepDraws, type Tokenizer } from '@svo/models';
import { ask } from './ask.ts';

/** Who draws what. */
export interface DrawTreesOptions {
  /** Of `wholeFormat`, so that it writes whole responses. */
  readonly policy: Policy;
  readonly questions: readonly Question[];
  readonly verifier: Verifier;
  /** Responses to each question; 16 by default. */
  readonly draws?: number;
  /** Cuts them into steps; `blankLineFormat` by default. */
  readonly format?: StepFormat;
  /** The policy's own, where it is here: what was drawn is then kept with every step. */
  readonly tokenizer?: Tokenizer;
  /** Questions asked together; 32 by default. It changes no tree. */
  readonly together?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/**
 * A tree of independent draws for every question: responses that begin alike share their steps, and a step is worth the mean
 * outcome of those that went through it (`prefixTree`). A question all of whose draws were lost has no tree.
 *
 * @throws RangeError for a count that is no positive integer
 * @example
 * ```ts
 * import { drawTrees } from '@svo/recipes';
 * import { mathVerifier } from '@svo/verify';
 * const policy = { id: 'fives', propose: async () => [{ text: '2+3=5\n\nFinal Answer: 5', count: 4, finish: 'answer' as const }] };
 * const questions = [{ id: 'a', prompt: '2+3?', answer: '5' }];
 * const trees = [];
 * for await (const tree of drawTrees({ policy, questions, verifier: mathVerifier, draws: 4 })) trees.push(tree);
 * trees[0]!.size; // => 3
 * ```
 */
export async function* drawTrees(options: DrawTreesOptions): AsyncGenerator<Tree, void, undefined> {
  assertOptions('drawTrees', options, [
    ...['policy', 'questions', 'verifier', 'draws', 'format', 'tokenizer', 'together', 'seed', 'signal'],
  ]);
  const { policy, questions, verifier, draws = 16, together = 32, seed = 0, signal } = options;
  assertCounts('drawTrees', { draws, together });
  const asking = { policy, questions, count: draws, together, seed, stream: 'draws', signal };
  for await (const { question, drawn } of ask(asking)) {
    const responses = drawn.flatMap((candidate) => responsesOf(candidate, options));
    if (responses.length > 0) yield prefixTree(question, responses, { verifier });
  }
}

/** A candidate as the responses it stands for. */
function responsesOf(
  { text, count, finish, failure, tokenIds, logps }: Candidate,
  { format = blankLineFormat, tokenizer }: DrawTreesOptions,
) {
  if (text === '' && failure === undefined) return [];
  const steps = format.split(text);
  const known = tokenizer && tokenIds && logps ? { ids: tokenIds, logps, text, finish: 'end' as const } : undefined;
  const draws = known && { draws: stepDraws(tokenizer!, known, steps) };
  const response = { steps, finished: finish === 'answer', ...draws, ...(failure && { failure }) };
  return Array.from({ length: count }, () => response);
}
