import { z } from 'zod';
import { parseJson } from '../http/json.ts';
import type { RawChoice } from './choice.ts';

const number = z.number().nullable();

/** Log-probs as `/v1/completions` writes them. */
const flatLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(number),
  text_offset: z.array(z.number()).nullish(),
});

/** Log-probs as `/v1/chat/completions` writes them, and llama.cpp on both. */
const contentLogprobs = z.object({
  content: z.array(z.object({ token: z.string(), logprob: number, id: z.number().nullish() })).nullish(),
});

const choiceSchema = z.object({
  index: z.number().int().nonnegative().default(0),
  text: z.string().nullish(),
  message: z.object({ content: z.string().nullish() }).nullish(),
  delta: z.object({ content: z.string().nullish() }).nullish(),
  finish_reason: z.string().nullish(),
  stop_reason: z.union([z.string(), z.number()]).nullish(),
  matched_stop: z.union([z.string(), z.number()]).nullish(),
  logprobs: z.union([flatLogprobs, contentLogprobs]).nullish(),
  token_ids: z.array(z.number().int()).nullish(),
});

/** What the server says a reply cost. */
export const usageSchema: z.ZodType<{
  prompt_tokens?: number | null | undefined;
  completion_tokens?: number | null | undefined;
}> = z.object({
  prompt_tokens: z.number().nonnegative().nullish(),
  completion_tokens: z.number().nonnegative().nullish(),
});

/** Choices are checked one by one, so that a broken one does not take the others with it. */
const replySchema = z.object({
  choices: z.array(z.unknown()),
  // A count that is none must not cost the candidates it counts.
  usage: usageSchema.nullish().catch(undefined),
});

/** What a reply holds: its choices, those that could not be read, and what it cost. */
export interface ParsedReply {
  readonly choices: readonly RawChoice[];
  readonly problems: readonly string[];
  readonly promptTokens: number;
  readonly completionTokens: number | undefined;
}

type WireChoice = z.output<typeof choiceSchema>;

/** The log-probs of either form. */
function readLogprobs(wire: WireChoice['logprobs']): Pick<RawChoice, 'tokens' | 'logps' | 'tokenIds'> {
  if (wire === null || wire === undefined) return {};
  if ('token_logprobs' in wire) return { tokens: wire.tokens, logps: wire.token_logprobs };
  const content = wire.content ?? undefined;
  if (content === undefined) return {};
  const ids = content.map(({ id }) => id);
  return {
    tokens: content.map(({ token }) => token),
    logps: content.map(({ logprob }) => logprob),
    ...(ids.every((id) => typeof id === 'number') ? { tokenIds: ids } : {}),
  };
}

/** vLLM's `stop_reason` is null at the end of sequence; SGLang's `matched_stop` is then a token, and null out of tokens. */
function stopReasonOf(wire: WireChoice): Pick<RawChoice, 'stopReason'> {
  if (wire.matched_stop !== undefined && wire.matched_stop !== null) return { stopReason: wire.matched_stop };
  return wire.stop_reason === undefined ? {} : { stopReason: wire.stop_reason };
}

function toRaw(wire: WireChoice): RawChoice {
  return {
    index: wire.index,
    text: wire.text ?? wire.message?.content ?? wire.delta?.content ?? '',
    finishReason: wire.finish_reason ?? null,
    ...stopReasonOf(wire),
    ...readLogprobs(wire.logprobs),
    ...(wire.token_ids ? { tokenIds: wire.token_ids } : {}),
  };
}

/** Reads a whole reply. A missing `finish_reason` counts as `stop` here: without streaming nothing is still open. */
export function parseReply(text: string): ParsedReply {
  const reply = parseJson(replySchema, text);
  const { choices, problems } = readChoices(reply.choices);
  return {
    choices: choices.map((choice) => ({ ...choice, finishReason: choice.finishReason ?? 'stop' })),
    problems,
    promptTokens: reply.usage?.prompt_tokens ?? 0,
    completionTokens: reply.usage?.completion_tokens ?? undefined,
  };
}

/** Reads the choices of a reply or of one event, each by itself. */
export function readChoices(list: readonly unknown[]): { choices: RawChoice[]; problems: string[] } {
  const choices: RawChoice[] = [];
  const problems: string[] = [];
  for (const item of list) {
    const parsed = choiceSchema.safeParse(item);
    if (parsed.success) choices.push(toRaw(parsed.data));
    else
      problems.push(
        parsed.error.issues
          .map(({ path, message }) => `${path.join('.')}: ${message}`)
          .slice(0, 2)
          .join('; '),
      );
  }
  return { choices, problems };
}
