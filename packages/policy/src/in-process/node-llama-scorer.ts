import { assertOptions, type Question } from '@svo/mdp';
import { failureOf } from '../http/errors.ts';
import { failedScores, type ScoreRequest, type StepScore, type StepScorer } from '../servers/scoring/scorer.ts';
import type { LlamaContext } from './llama-context.ts';
import { checkRoom, logpsFrom } from './llama-reading.ts';
import { stateTokens } from './llama-tokens.ts';
import { withSequence } from './sequences.ts';

/** Options of `nodeLlamaScorer`. */
export interface NodeLlamaScorerOptions {
  /** A `LlamaContext` of node-llama-cpp. States are scored side by side up to its `sequences`. */
  readonly context: LlamaContext;
  /** Names the weights, in the id. */
  readonly model: string;
  /** The text before the steps. Default: the question's prompt. */
  readonly prompt?: (question: Question) => string;
}

/**
 * Scores the steps of given states by any GGUF, in this process, by node-llama-cpp (3.22): the reference log-probs of a trajectory. A
 * step's tokens are those that were drawn for it where the state knows them, else its text's, encoded apart as training rows are; the
 * whole state is read in one pass. What can't be used becomes a score with a `failure`; the order is that of the requests.
 *
 * @throws RangeError for an unknown option
 * @example
 * ```ts
 * import { type NodeLlamaScorerOptions, nodeLlamaScorer, type StepScorer } from '@svo/policy';
 * const scorerOf = (context: NodeLlamaScorerOptions['context']): StepScorer => nodeLlamaScorer({ context, model: 'SmolLM2-135M' });
 * typeof scorerOf; // => 'function'
 * ```
 */
export function nodeLlamaScorer(options: NodeLlamaScorerOptions): StepScorer {
  assertOptions('nodeLlamaScorer', options, ['context', 'model', 'prompt']);
  const { context, model, prompt = ({ prompt: text }: Question) => text } = options;
  const scoreOne = async ({ question, state }: ScoreRequest, signal: AbortSignal | undefined): Promise<StepScore> => {
    try {
      return await withSequence(context, async (sequence) => {
        const { prompt: first, steps } = stateTokens(context.model, prompt(question), state);
        const all = [...first, ...steps.flat()];
        checkRoom(sequence, all.length);
        const logps = await logpsFrom(sequence, all, first.length, signal);
        let from = 0;
        const sums = steps.map(({ length }) => {
          const own = logps.slice(from, from + length);
          from += length;
          return own.reduce((sum, logp) => sum + logp, 0);
        });
        return { logps: sums, tokens: logps.length };
      });
    } catch (error) {
      return failedScores(1, failureOf(error))[0]!;
    }
  };
  return {
    id: `node-llama-scorer:${model}`,
    score: (requests, signal) => Promise.all(requests.map((request) => scoreOne(request, signal))),
  };
}
