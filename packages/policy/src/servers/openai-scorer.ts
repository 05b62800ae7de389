import { assertOptions, type Question, renderPrefix, type State } from '@svo/mdp';
import { z } from 'zod';
import { readText } from '../http/body.ts';
import { type ConnectionOptions, connection, connectionOptions } from '../http/connection.ts';
import { failureOf } from '../http/errors.ts';
import { parseJson } from '../http/json.ts';
import { openaiPath } from './openai-path.ts';
import { failedScores, type ScoredTokens, type StepScore, type StepScorer, stepScore } from './scorer.ts';

/** Options of `openaiScorer`. */
export interface OpenaiScorerOptions extends ConnectionOptions {
  readonly model: string;
  /**
   * How to get log-probs of a text: `echo` (`echo` with `max_tokens: 0`: vLLM, SGLang) or `prompt-logprobs` (vLLM's
   * `prompt_logprobs: 0`, which leaves the prefix cache aside). Default `echo`.
   */
  readonly method?: 'echo' | 'prompt-logprobs';
  /** The text before the steps. Default: the question's prompt. */
  readonly prompt?: (question: Question) => string;
  /** Texts a request. Default 32. */
  readonly maxBatch?: number;
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

const echoSchema = z.object({
  choices: z.array(
    z.object({
      index: z.number().int(),
      logprobs: z.object({ tokens: z.array(z.string()), token_logprobs: z.array(z.number().nullable()) }),
    }),
  ),
});

const promptToken = z.record(z.string(), z.object({ logprob: z.number(), decoded_token: z.string().nullish() }));

const promptSchema = z.object({
  choices: z.array(z.object({ index: z.number().int(), prompt_logprobs: z.array(promptToken.nullable()) })),
});

/**
 * Scores the steps of given states by an OpenAI-compatible server's log-probs of the text itself: no sampling. Tokens go
 * to the step they start in. A reply that can't be used becomes a score with a `failure`; the order is that of the requests.
 *
 * @example
 * ```ts
 * import { openaiScorer } from '@svo/policy';
 * import { fakeServer, toyModel } from '@svo/policy/testing';
 * const model = toyModel({ seed: 0 });
 * const server = await fakeServer({ model });
 * const scorer = openaiScorer({ url: server.url, model: 'toy' });
 * const state = { questionId: 'q', steps: ['Add two.\n\n', 'Final Answer: 5'] };
 * const [{ logps }] = await scorer.score([{ question: { id: 'q', prompt: 'Go. ' }, state }]);
 * await server.close();
 * const all = model.score('Go. Add two.\n\nFinal Answer: 5').logps.slice(4).reduce((sum, logp) => sum + logp, 0);
 * Math.abs(logps[0] + logps[1] - all) < 1e-9; // => true
 * ```
 */
export function openaiScorer(options: OpenaiScorerOptions): StepScorer {
  assertOptions('openaiScorer', options, [...connectionOptions, 'model', 'method', 'prompt', 'maxBatch', 'extraBody']);
  const server = connection('openaiScorer', options);
  const { method = 'echo', maxBatch = 32, prompt = ({ prompt: text }: Question) => text } = options;
  if (!(Number.isInteger(maxBatch) && maxBatch > 0)) {
    throw new RangeError(`openaiScorer: maxBatch must be a positive integer, got ${maxBatch}`);
  }
  const path = openaiPath(server, '/completions');
  const asked = method === 'echo' ? { echo: true, max_tokens: 0, logprobs: 1 } : { max_tokens: 1, prompt_logprobs: 0 };

  return {
    id: `openai-scorer:${options.model}`,
    score: async (requests, signal) => {
      const scores: StepScore[] = [];
      for (let start = 0; start < requests.length; start += maxBatch) {
        const batch = requests.slice(start, start + maxBatch);
        const texts = batch.map(({ question, state }) => scoredText(question, state, prompt));
        const body = { model: options.model, prompt: texts, temperature: 1, ...asked, ...options.extraBody };
        try {
          const read = async (chunks: AsyncIterable<string>): Promise<Map<number, ScoredTokens>> =>
            (method === 'echo' ? parseEcho : parsePromptLogprobs)(await readText(chunks));
          const answers = await server.post(path, body, read, signal);
          batch.forEach(({ question, state }, index) => {
            const scored = answers.get(index);
            const missing = { kind: 'malformed', message: `the reply holds no choice ${index}` } as const;
            scores.push(
              scored === undefined ? failedScores(1, missing)[0]! : stepScore(prompt(question), state.steps, scored),
            );
          });
        } catch (error) {
          scores.push(...failedScores(batch.length, failureOf(error)));
        }
      }
      return scores;
    },
  };
}

function scoredText(question: Question, state: State, prompt: (question: Question) => string): string {
  return renderPrefix({ ...question, prompt: prompt(question) }, state);
}

/** Choices that share an index are those of their places. */
function inOrder<Choice extends { readonly index: number }>(choices: readonly Choice[]): readonly Choice[] {
  const isClear = new Set(choices.map(({ index }) => index)).size === choices.length;
  return isClear ? choices : choices.map((choice, index) => ({ ...choice, index }));
}

function parseEcho(text: string): Map<number, ScoredTokens> {
  const { choices } = parseJson(echoSchema, text);
  return new Map(
    inOrder(choices).map(({ index, logprobs }) => [index, { tokens: logprobs.tokens, logps: logprobs.token_logprobs }]),
  );
}

/** With `prompt_logprobs: 0` each record holds the prompt's own token and no other, so that there is nothing to choose. */
function parsePromptLogprobs(text: string): Map<number, ScoredTokens> {
  const { choices } = parseJson(promptSchema, text);
  return new Map(
    inOrder(choices).map(({ index, prompt_logprobs: records }) => {
      const own = records.map((record) => (record === null ? undefined : Object.values(record)[0]));
      return [
        index,
        {
          tokens: own.map((token, at) => (at === 0 && token === undefined ? null : (token?.decoded_token ?? ''))),
          logps: own.map((token) => token?.logprob ?? null),
        },
      ];
    }),
  );
}
