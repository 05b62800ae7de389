/** Trees of independent draws: responses that begin alike share their steps. Runs in a browser too. */
import { prefixTree, type Tree } from '@svo/mcts';
import { blankLineFormat, type Question } from '@svo/mdp';
import { type Params, stepDraws } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import { type Desk, drawResponses } from './draw-responses.ts';

/** For every question the tree of its draws; `purpose` names whose they are, and with the seed decides them. */
export async function* drawnTrees(
  desk: Desk,
  params: Params,
  questions: readonly Question[],
  { draws, purpose }: { readonly draws: number; readonly purpose: string },
): AsyncGenerator<Tree> {
  const how = { decoding: 'sampled', samples: draws, purpose } as const;
  for await (const { question, drawn } of drawResponses(desk, params, questions, how)) {
    const responses = drawn
      .filter(({ text = '' }) => text !== '')
      .map((generation) => {
        const steps = blankLineFormat.split(generation.text ?? '');
        const tokens = stepDraws(desk.learner.tokenizer, generation, steps);
        return { steps, finished: generation.finish === 'end', draws: tokens };
      });
    yield prefixTree(question, responses, { verifier: mathVerifier });
  }
}
