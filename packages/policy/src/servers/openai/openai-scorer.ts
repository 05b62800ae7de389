import { assertCounts, assertOptions, type Failure, type Question, renderPrefix, type State } from '@svo/mdp';
import { z } from 'zod';
import { readText } from '../../http/body.ts';
import { type ConnectionOptions, connection, connectionOptions } from '../../http/connection.ts';
import { failureOf } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import { defaults } from '../defaults.ts';
import { alignTokens } from '../scoring/align-tokens.ts';
import { failedScores, type ScoredTokens, type StepScore, type StepScorer, stepScore } from '../scoring/scorer.ts';
import { openaiPath } from './openai-path.ts';

/** Options of `openaiScorer`. */
export interface OpenaiScorerOptions extends ConnectionOptions {
  readonly model: string;
  /**
   * How to get log-probs of a text: `echo` (vLLM, SGLang, llama-cpp-python; one token is drawn behind the text and left out,
   * since `max_tokens: 0` is no limit to some servers) or `prompt-logprobs` (vLLM's
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
 * const [score] = await scorer.score([{ question: { id: 'q', prompt: 'Go. ' }, state }]);
 * await server.close();
 * const all = model.score('Go. Add two.\n\nFinal Answer: 5').logps.slice(4).reduce((sum, logp) => sum! + logp!, 0)!;
 * Math.abs(score!.logps[0]! + score!.logps[1]! - all) < 1e-9; // => true
 * ```
 */
export function openaiScorer(options: OpenaiScorerOptions): StepScorer {
  assertOptions('openaiScorer', options, [...connectionOptions, 'model', 'method', 'prompt', 'maxBatch', 'extraBody']);
  const server = connection('openaiScorer', options);
  const { method = 'echo', maxBatch = defaults.scored, prompt = ({ prompt: text }: Question) => text } = options;
  assertCounts('openaiScorer', { maxBatch });
  const path = openaiPath(server, '/completions');
  const asked = method === 'echo' ? { echo: true, max_tokens: 1, logprobs: 1 } : { max_tokens: 1, prompt_logprobs: 0 };

  return {
    id: `openai-scorer:${options.model}`,
    score: async (requests, signal) => {
      const scores: StepScore[] = [];
      for (let start = 0; start < requests.length; start += maxBatch) {
        const batch = requests.slice(start, start + maxBatch);
        const texts = batch.map(({ question, state }) => scoredText(question, state, prompt));
        const body = { model: options.model, prompt: texts, temperature: 1, ...asked, ...options.extraBody };
        try {
          const parse = method === 'echo' ? parseEcho : parsePromptLogprobs;
          const answers = await server.post(path, body, async (chunks) => parse(await readText(chunks)), signal);
          const drawsOne = method === 'echo' && body.max_tokens !== 0;
          batch.forEach(({ question, state }, index) => {
            const found = answers.get(index);
            const missing: Failure = { kind: 'malformed', message: `the reply holds no choice ${index}` };
            const scored = found && drawsOne ? withoutDrawn(found, texts[index]!) : found;
            const failure = found === undefined ? missing : noTokenBehind;
            scores.push(scored ? stepScore(prompt(question), state.steps, scored) : failedScores(1, failure)[0]!);
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

/**
 * Without the token drawn behind the text; undefined where none is there. Log-probs may stand one place off then: llama-cpp-python gives
 * those of the next tokens, where a prompt has no begin-of-sequence token, and lacks the last.
 */
function withoutDrawn({ tokens, logps }: ScoredTokens, sent: string): ScoredTokens | undefined {
  const others = { tokens: tokens.slice(0, -1), logps: logps.slice(0, -1) };
  const endsInBytes = others.tokens.at(-1)?.includes('\ufffd') ?? false;
  const isSpelled = !endsInBytes && alignTokens(sent, others.tokens) !== undefined;
  if (isSpelled || tokens.at(-1) === '' || alignTokens(sent, tokens) === undefined) return others;
  return undefined;
}

const noTokenBehind: Failure = {
  kind: 'malformed',
  message:
    'the reply holds no token behind the text: its log-probs may not stand with their own tokens (llama.cpp: use llamaScorer)',
};

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
