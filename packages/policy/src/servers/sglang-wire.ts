import { z } from 'zod';
import { policyError } from '../http/errors.ts';
import { checkShape, parseJson } from '../http/json.ts';
import type { RawChoice } from './choice.ts';

/** SGLang writes a token as [log-prob, id, text]; the text is null unless it was asked for, and gateways leave it out. */
const token = z
  .tuple([z.number().nullable(), z.number().int()])
  .rest(z.unknown())
  .transform(([logp, id, text]) => ({ logp, id, text: typeof text === 'string' ? text : null }));

const finishReason = z.union([
  z.string(),
  z.object({ type: z.string(), matched: z.union([z.string(), z.number()]).nullish(), message: z.string().nullish() }),
]);

const answerSchema = z.object({
  text: z.string(),
  index: z.number().int().nonnegative().nullish(),
  meta_info: z.object({
    finish_reason: finishReason.nullish(),
    prompt_tokens: z.number().nonnegative().nullish(),
    completion_tokens: z.number().nonnegative().nullish(),
    output_token_logprobs: z.array(token).nullish(),
    input_token_logprobs: z.array(token).nullish(),
  }),
});

type Token = z.output<typeof token>;

/** A token of the prompt with its log-prob; the first has none. */
interface PromptToken {
  readonly text: string | null;
  readonly logp: number | null;
}

/** One answer of `/generate`. */
export interface GenerateAnswer {
  readonly choice: RawChoice;
  readonly promptTokens: number;
  readonly completionTokens: number | undefined;
  readonly prompt: readonly PromptToken[] | undefined;
}

/** Reads a reply of `/generate`: an answer, or a list of them for several texts. A broken one fails alone. */
export function parseGenerate(text: string): readonly (GenerateAnswer | string)[] {
  const value = parseJson(z.unknown(), text);
  const list = Array.isArray(value) ? value : [value];
  return list.map((item, position) => {
    const parsed = answerSchema.safeParse(item);
    if (parsed.success) return toAnswer(parsed.data, position);
    return parsed.error.issues
      .map(({ path, message }) => `${path.join('.') || 'reply'}: ${message}`)
      .slice(0, 2)
      .join('; ');
  });
}

/** A streamed reply on its way. */
export interface GenerateAssembly {
  readonly read: (events: AsyncIterable<string>) => Promise<readonly GenerateAnswer[]>;
  /** The answers that are complete so far. */
  readonly finished: () => readonly GenerateAnswer[];
}

/**
 * Reads a streamed reply. Each event holds an answer so far, whole or, with `--incremental-streaming-output`, only what
 * is new; the texts tell which: a whole one begins with what came before it.
 */
export function generateAssembly(): GenerateAssembly {
  const open = new Map<number, GenerateAnswer>();
  return {
    read: async (events) => {
      let count = 0;
      for await (const event of events) {
        count++;
        const value = parseJson(z.unknown(), event);
        if (typeof value === 'object' && value !== null && 'error' in value) {
          throw policyError('server', `the stream carried an error: ${JSON.stringify(value.error).slice(0, 200)}`);
        }
        const answer = toAnswer(checkShape(answerSchema, value), 0);
        const before = open.get(answer.choice.index);
        open.set(answer.choice.index, before === undefined ? answer : joined(before, answer));
      }
      if (count === 0) throw policyError('malformed', 'the stream held no event');
      return [...open.values()];
    },
    finished: () => [...open.values()].filter(({ choice }) => choice.finishReason !== null),
  };
}

function joined(before: GenerateAnswer, next: GenerateAnswer): GenerateAnswer {
  if (next.choice.text.startsWith(before.choice.text)) return next;
  const { choice } = before;
  return {
    ...next,
    choice: {
      ...next.choice,
      text: choice.text + next.choice.text,
      tokens: [...(choice.tokens ?? []), ...(next.choice.tokens ?? [])],
      logps: [...(choice.logps ?? []), ...(next.choice.logps ?? [])],
      tokenIds: [...(choice.tokenIds ?? []), ...(next.choice.tokenIds ?? [])],
    },
  };
}

function toAnswer(data: z.output<typeof answerSchema>, position: number): GenerateAnswer {
  const { text, meta_info: meta } = data;
  const reason = meta.finish_reason ?? null;
  const ending = typeof reason === 'string' || reason === null ? { type: reason, matched: undefined } : reason;
  return {
    choice: {
      index: data.index ?? position,
      text,
      finishReason: ending.type,
      ...(ending.matched === undefined ? {} : { stopReason: ending.matched }),
      ...readTokens(meta.output_token_logprobs ?? undefined),
    },
    promptTokens: meta.prompt_tokens ?? 0,
    completionTokens: meta.completion_tokens ?? undefined,
    prompt: meta.input_token_logprobs?.map(({ logp, text }) => ({ logp, text })),
  };
}

function readTokens(list: readonly Token[] | undefined): Pick<RawChoice, 'tokens' | 'logps' | 'tokenIds'> {
  if (list === undefined) return {};
  const texts = list.map(({ text }) => text);
  return {
    logps: list.map(({ logp }) => logp),
    tokenIds: list.map(({ id }) => id),
    ...(texts.every((text) => text !== null) ? { tokens: texts } : {}),
  };
}
