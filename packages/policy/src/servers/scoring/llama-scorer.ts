import { assertCounts, assertOptions, type Question, renderPrefix } from '@svo/mdp';
import { z } from 'zod';
import { readText } from '../../http/body.ts';
import {
  besideV1,
  type Connection,
  type ConnectionOptions,
  connection,
  connectionOptions,
} from '../../http/connection.ts';
import { failureOf, policyError } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import { alignTokens } from './align-tokens.ts';
import { failedScores, type ScoreRequest, type StepScore, type StepScorer, stepScore } from './scorer.ts';

/** Options of `llamaScorer`. */
export interface LlamaScorerOptions extends ConnectionOptions {
  readonly model: string;
  /** The text before the steps. Default: the question's prompt. */
  readonly prompt?: (question: Question) => string;
  /** States scored side by side; as many as the server has slots is best. Default 4. */
  readonly maxInFlight?: number;
}

const tokensSchema = z.object({
  tokens: z.array(z.object({ id: z.number().int(), piece: z.union([z.string(), z.array(z.number())]) })),
});

const scoredToken = z.object({ id: z.number().int(), logprob: z.number() });

const drawnToken = scoredToken.extend({ top_logprobs: z.array(scoredToken).nullish() });

const completionSchema = z.object({
  choices: z.tuple([z.object({ logprobs: z.object({ content: z.tuple([drawnToken]) }) })]),
});

/** More than any two logits differ by. */
const decisive = 1e4;

/**
 * Scores the steps of given states by llama.cpp's server, which gives no log-probs of a prompt: the text is cut into tokens
 * by its `/tokenize`, and each token of a step is drawn once more, alone, with a `logit_bias` that leaves no choice. The
 * log-prob it reports is the model's own, before any bias. A request a token, each with one token to compute, since the
 * rest is in the slot's cache.
 *
 * Tokens go to the step they start in. What can't be used becomes a score with a `failure`; the order is that of the
 * requests.
 *
 * @example
 * ```ts
 * import { llamaScorer } from '@svo/policy';
 * import { fakeServer, toyModel } from '@svo/policy/testing';
 * const model = toyModel({ seed: 0 });
 * const server = await fakeServer({ model });
 * const scorer = llamaScorer({ url: server.url, model: 'toy' });
 * const state = { questionId: 'q', steps: ['Add two.\n\n', 'Final Answer: 5'] };
 * const [score] = await scorer.score([{ question: { id: 'q', prompt: 'Go. ' }, state }]);
 * await server.close();
 * const all = model.score('Go. Add two.\n\nFinal Answer: 5').logps.slice(4).reduce((sum, logp) => sum! + logp!, 0)!;
 * Math.abs(score!.logps[0]! + score!.logps[1]! - all) < 1e-9; // => true
 * ```
 */
export function llamaScorer(options: LlamaScorerOptions): StepScorer {
  assertOptions('llamaScorer', options, [...connectionOptions, 'model', 'prompt', 'maxInFlight']);
  const server = connection('llamaScorer', besideV1(options));
  const { model, maxInFlight = 4, prompt = ({ prompt: text }: Question) => text } = options;
  assertCounts('llamaScorer', { maxInFlight });
  const scoreOne = async ({ question, state }: ScoreRequest, signal: AbortSignal | undefined): Promise<StepScore> => {
    const start = prompt(question);
    const text = renderPrefix({ ...question, prompt: start }, state);
    try {
      const tokens = await tokenize(server, text, signal);
      const spelled = tokens.map(({ piece }) => (typeof piece === 'string' ? piece : '\ufffd'));
      const starts = alignTokens(text, spelled);
      if (starts === undefined)
        throw policyError('malformed', "the server's tokens do not spell the text that was sent");
      const logps: (number | null)[] = tokens.map(() => null);
      for (let at = 1; at < tokens.length; at++) {
        if (starts[at]! >= start.length) logps[at] = await forcedLogp(server, model, tokens, at, signal);
      }
      return stepScore(start, state.steps, { tokens: spelled, logps });
    } catch (error) {
      return failedScores(1, failureOf(error))[0]!;
    }
  };
  return {
    id: `llama-scorer:${model}`,
    score: async (requests, signal) => {
      const scores: StepScore[] = [];
      let next = 0;
      const work = async (): Promise<void> => {
        for (let row = next++; row < requests.length; row = next++)
          scores[row] = await scoreOne(requests[row]!, signal);
      };
      await Promise.all(Array.from({ length: Math.min(maxInFlight, requests.length) }, work));
      return scores;
    },
  };
}

type Token = z.output<typeof tokensSchema>['tokens'][number];

const tokenize = (server: Connection, text: string, signal: AbortSignal | undefined): Promise<readonly Token[]> => {
  const body = { content: text, add_special: true, parse_special: false, with_pieces: true };
  return server.post(
    '/tokenize',
    body,
    async (chunks) => parseJson(tokensSchema, await readText(chunks)).tokens,
    signal,
  );
};

/** More than there are tokens in any vocabulary. */
const everyToken = 2 ** 20;

/**
 * log p(tokens[at] | tokens[<at]), nats. A token that is part of a character can't be drawn by itself, since the server keeps
 * it back until the character is whole: another one is forced there, and the log-probs of all tokens are asked for.
 */
const forcedLogp = (
  server: Connection,
  model: string,
  tokens: readonly Token[],
  at: number,
  signal: AbortSignal | undefined,
): Promise<number> => {
  const { id, piece } = tokens[at]!;
  const whole = typeof piece === 'string';
  const drawn = whole ? id : tokens.find((token) => typeof token.piece === 'string')?.id;
  if (drawn === undefined) throw policyError('unparsable', 'the text holds no whole character for llama.cpp to draw');
  const body = {
    model,
    prompt: tokens.slice(0, at).map((token) => token.id),
    max_tokens: 1,
    temperature: 1,
    logprobs: whole ? 1 : everyToken,
    logit_bias: { [drawn]: decisive },
    cache_prompt: true,
  };
  const read = async (chunks: AsyncIterable<string>): Promise<number> => {
    const { choices } = parseJson(completionSchema, await readText(chunks));
    const [given] = choices[0].logprobs.content;
    if (given.id !== drawn)
      throw policyError('malformed', `the server drew token ${given.id} where ${drawn} was forced`);
    const own = whole ? given : given.top_logprobs?.find((token) => token.id === id);
    if (own === undefined) throw policyError('malformed', `the reply holds no log-prob of token ${id}`);
    return own.logprob;
  };
  return server.post('/v1/completions', body, read, signal);
};
