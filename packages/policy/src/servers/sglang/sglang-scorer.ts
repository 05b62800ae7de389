import { assertCounts, assertOptions, type Failure, type Question, renderPrefix } from '@svo/mdp';
import { readText } from '../../http/body.ts';
import { besideV1, type ConnectionOptions, connection, connectionOptions } from '../../http/connection.ts';
import { failureOf } from '../../http/errors.ts';
import { defaults } from '../defaults.ts';
import { failedScores, type StepScore, type StepScorer, stepScore } from '../scoring/scorer.ts';
import { type GenerateAnswer, parseGenerate } from './sglang-wire.ts';

/** Options of `sglangScorer`. */
export interface SglangScorerOptions extends ConnectionOptions {
  readonly model: string;
  /** The text before the steps. Default: the question's prompt. */
  readonly prompt?: (question: Question) => string;
  /** Texts a request. Default 32. */
  readonly maxBatch?: number;
}

/**
 * Scores the steps of given states by SGLang's `/generate` with `logprob_start_len: 0` and no new tokens. Tokens go to
 * the step they start in. A reply that can't be used becomes a score with a `failure`.
 *
 * @example
 * ```ts
 * import { sglangScorer } from '@svo/policy';
 * import { fakeServer } from '@svo/policy/testing';
 * const server = await fakeServer();
 * const scorer = sglangScorer({ url: server.url, model: 'toy' });
 * const state = { questionId: 'q', steps: ['Add two.\n\n', 'Final Answer: 5'] };
 * const [score] = await scorer.score([{ question: { id: 'q', prompt: 'Go. ' }, state }]);
 * await server.close();
 * score!.logps.length; // => 2
 * ```
 */
export function sglangScorer(options: SglangScorerOptions): StepScorer {
  assertOptions('sglangScorer', options, [...connectionOptions, 'model', 'prompt', 'maxBatch']);
  const server = connection('sglangScorer', besideV1(options));
  const { maxBatch = defaults.scored, prompt = ({ prompt: text }: Question) => text } = options;
  assertCounts('sglangScorer', { maxBatch });
  return {
    id: `sglang-scorer:${options.model}`,
    score: async (requests, signal) => {
      const scores: StepScore[] = [];
      for (let start = 0; start < requests.length; start += maxBatch) {
        const batch = requests.slice(start, start + maxBatch);
        const body = {
          text: batch.map(({ question, state }) => renderPrefix({ ...question, prompt: prompt(question) }, state)),
          sampling_params: { max_new_tokens: 0, temperature: 1 },
          return_logprob: true,
          logprob_start_len: 0,
          return_text_in_logprobs: true,
        };
        try {
          const answers = await server.post(
            '/generate',
            body,
            async (chunks) => parseGenerate(await readText(chunks)),
            signal,
          );
          batch.forEach(({ question, state }, index) => {
            scores.push(scoreOf(answers[index], prompt(question), state.steps));
          });
        } catch (error) {
          scores.push(...failedScores(batch.length, failureOf(error)));
        }
      }
      return scores;
    },
  };
}

function scoreOf(answer: GenerateAnswer | Failure | undefined, prompt: string, steps: readonly string[]): StepScore {
  if (answer !== undefined && 'kind' in answer) return failedScores(1, answer)[0]!;
  if (answer?.prompt === undefined) {
    return failedScores(1, { kind: 'malformed', message: 'the reply holds no log-probs of the prompt' })[0]!;
  }
  return stepScore(prompt, steps, {
    tokens: answer.prompt.map(({ text }) => text ?? ''),
    logps: answer.prompt.map(({ logp }) => logp),
  });
}
