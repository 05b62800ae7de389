import type { SampledText, ScoredText, ServedModel } from './served-model.ts';

/** A request as the server understands it, whichever protocol it came by. */
export interface Job {
  readonly prompts: readonly { readonly text: string; readonly seed: number; readonly count: number }[];
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly logps: boolean;
  readonly stream: boolean;
  /** Whether to score the prompt as well. */
  readonly echo: boolean;
}

/** One choice the server is about to send. */
export interface Choice extends SampledText {
  readonly index: number;
  /** The prompt's own tokens, when they were to be scored. */
  readonly prompt?: ScoredText;
  readonly promptTokens: number;
  /** A thought that comes beside the text. */
  readonly reasoning?: string;
}

/** A parsed body. */
export type Body = Readonly<Record<string, unknown>>;

const text = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);
const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
/** A value as a record, an empty one if it is none. */
export const record = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {});
const strings = (value: unknown): readonly string[] => list(value).filter((item) => typeof item === 'string');

/** Reads a request of `/v1/completions`. */
export function completionsJob(body: Body): Job {
  return {
    prompts: list(body.prompt).map((prompt) => ({
      text: text(prompt),
      seed: number(body.seed, 0),
      count: number(body.n, 1),
    })),
    maxTokens: number(body.max_tokens, 16),
    stop: strings(body.stop),
    logps: typeof body.logprobs === 'number',
    stream: body.stream === true,
    echo: body.echo === true || typeof body.prompt_logprobs === 'number',
  };
}

/** Reads a request of `/v1/chat/completions`; this server's chat template is to join the contents. */
export function chatJob(body: Body): Job {
  const prompt = list(body.messages)
    .map((message) => text(record(message).content))
    .join('');
  return {
    prompts: [{ text: prompt, seed: number(body.seed, 0), count: number(body.n, 1) }],
    maxTokens: number(body.max_tokens ?? body.max_completion_tokens, 16),
    stop: strings(body.stop),
    logps: body.logprobs === true,
    stream: body.stream === true,
    echo: false,
  };
}

/** Reads a request of SGLang's `/generate`: a text or several, and sampling settings for all or for each. */
export function generateJob(body: Body): Job {
  const texts = list(body.text);
  const settings = texts.map((_, index) =>
    record(Array.isArray(body.sampling_params) ? body.sampling_params[index] : body.sampling_params),
  );
  const first = settings[0] ?? {};
  return {
    prompts: texts.map((prompt, index) => ({
      text: text(prompt),
      seed: number(settings[index]!.sampling_seed, 0),
      count: number(settings[index]!.n, 1),
    })),
    maxTokens: number(first.max_new_tokens, 16),
    stop: strings(first.stop),
    logps: body.return_logprob === true,
    stream: body.stream === true,
    echo: number(body.logprob_start_len, -1) >= 0,
  };
}

/** Runs the model: `count` samples a prompt, sample i with seed + i as vLLM does it. */
export function runJob(model: ServedModel, job: Job): Choice[] {
  return job.prompts
    .flatMap((prompt) => {
      const scored = model.score(prompt.text);
      return Array.from({ length: prompt.count }, (_, sample) => ({
        ...model.sample(prompt.text, { seed: prompt.seed + sample, maxTokens: job.maxTokens, stop: job.stop }),
        promptTokens: scored.tokens.length,
        ...(job.echo ? { prompt: scored } : {}),
      }));
    })
    .map((choice, index) => ({ ...choice, index }));
}
