import { z } from 'zod';
import { PolicyError } from '../../http/errors.ts';
import { checkShape, problemsOf, readJson } from '../../http/json.ts';
import { errorInReply } from '../../http/reply-error.ts';
import type { ParsedReply } from '../choices/parsed-reply.ts';
import type { RawChoice } from '../choices/raw-choice.ts';

const number = z.number().nullable();

/** Log-probs as `/v1/completions` writes them. */
const flatLogprobs = z.object({ tokens: z.array(z.string()), token_logprobs: z.array(number) });

/** Log-probs as `/v1/chat/completions` writes them, and llama.cpp on both. */
const contentLogprobs = z.object({
  content: z
    .array(
      z.object({
        token: z.string(),
        logprob: number,
        id: z.number().nullish(),
        bytes: z.array(z.number()).nullish().catch(undefined),
      }),
    )
    .nullish(),
});

/** Words, or a list of parts of which those of type `text` are the answer's. */
const content = z.union([z.string(), z.array(z.object({ type: z.string().nullish(), text: z.string().nullish() }))]);

/** A message or what a stream adds to one; servers call a thought by three names. */
const message = z.object({
  role: z.string().nullish().catch(undefined),
  content: content.nullish(),
  reasoning_content: z.string().nullish().catch(undefined),
  reasoning: z.string().nullish().catch(undefined),
  thinking: z.string().nullish().catch(undefined),
  tool_calls: z.unknown().optional(),
  function_call: z.unknown().optional(),
});

const stopReason = z.union([z.string(), z.number()]).nullish().catch(undefined);

const choiceSchema = z.object({
  index: z.number().int().nonnegative().nullish().catch(undefined),
  text: z.string().nullish(),
  message: message.nullish(),
  delta: message.nullish(),
  finish_reason: z
    .union([z.string(), z.number().transform(String), z.object({ type: z.string() }).transform(({ type }) => type)])
    .nullish(),
  stop_reason: stopReason,
  matched_stop: stopReason,
  // Log-probs of another shape are none; the text beside them is still the model's.
  logprobs: z.union([flatLogprobs, contentLogprobs]).nullish().catch(undefined),
  token_ids: z.array(z.number().int()).nullish().catch(undefined),
  error: z.unknown().optional(),
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

type WireChoice = z.output<typeof choiceSchema>;

/** The log-probs of either form. */
function readLogprobs(wire: WireChoice['logprobs']): Pick<RawChoice, 'tokens' | 'logps' | 'tokenIds'> {
  if (wire === null || wire === undefined) return {};
  if ('token_logprobs' in wire)
    return spelled(
      wire.tokens.map((text) => ({ text })),
      wire.token_logprobs,
    );
  if (wire.content === null || wire.content === undefined) return {};
  const ids = wire.content.map(({ id }) => id);
  return {
    ...spelled(
      wire.content.map(({ token, bytes }) => (bytes ? { text: token, bytes } : { text: token })),
      wire.content.map(({ logprob }) => logprob),
    ),
    ...(ids.every((id) => typeof id === 'number') ? { tokenIds: ids } : {}),
  };
}

/** vLLM can be told to write ids in the place of spellings, which then are none. */
function spelled(tokens: NonNullable<RawChoice['tokens']>, logps: readonly (number | null)[]): Partial<RawChoice> {
  const isSpelled = tokens.length === 0 || tokens.some(({ text }) => !/^token_id:\d+$/.test(text));
  return isSpelled ? { tokens, logps } : { logps };
}

/** vLLM's `stop_reason` is null at the end of sequence; SGLang's `matched_stop` is then a token, and null out of tokens. */
function stopReasonOf(wire: WireChoice): Pick<RawChoice, 'stopReason'> {
  if (wire.matched_stop !== undefined && wire.matched_stop !== null) return { stopReason: wire.matched_stop };
  return wire.stop_reason === undefined ? {} : { stopReason: wire.stop_reason };
}

function toRaw(wire: WireChoice, position: number): RawChoice {
  const said = wire.message ?? wire.delta;
  const reasoning = said?.reasoning_content ?? said?.reasoning ?? said?.thinking ?? '';
  const failure = errorInReply(wire);
  return {
    index: wire.index ?? position,
    text: wire.text ?? wordsOf(said?.content),
    // llama.cpp and Ollama leave it empty where others write null.
    finishReason: wire.finish_reason || null,
    ...stopReasonOf(wire),
    ...readLogprobs(wire.logprobs),
    ...(wire.token_ids ? { tokenIds: wire.token_ids } : {}),
    ...(reasoning === '' ? {} : { reasoning }),
    ...(isSome(said?.tool_calls) || isSome(said?.function_call) ? { calls: true } : {}),
    ...(failure === undefined ? {} : { failure }),
  };
}

function wordsOf(said: z.output<typeof content> | null | undefined): string {
  if (typeof said === 'string') return said;
  return (said ?? []).map(({ type, text }) => (type === undefined || type === 'text' ? (text ?? '') : '')).join('');
}

const isSome = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/**
 * Reads a whole reply. A missing `finish_reason` counts as `stop` here: without streaming nothing is still open. An error beside
 * choices is kept with them; an error alone is thrown.
 */
export function parseReply(text: string): ParsedReply {
  const value = readJson(text);
  const failure = errorInReply(value);
  if (failure !== undefined && !hasChoices(value)) throw new PolicyError(failure);
  const reply = checkShape(replySchema, value);
  const { choices, problems } = readChoices(reply.choices);
  return {
    choices: choices.map((choice) => ({ ...choice, finishReason: choice.finishReason ?? 'stop' })),
    problems,
    ...usageOf(reply.usage),
    ...(failure === undefined ? {} : { failure }),
  };
}

const hasChoices = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'choices' in value &&
  Array.isArray(value.choices) &&
  value.choices.length > 0;

/** What a reply says it cost, as far as it says so. */
export function usageOf(
  usage: z.output<typeof usageSchema> | null | undefined,
): Pick<ParsedReply, 'promptTokens' | 'completionTokens'> {
  return { promptTokens: usage?.prompt_tokens ?? 0, completionTokens: usage?.completion_tokens ?? undefined };
}

/** Reads the choices of a reply or of one event, each by itself. A choice without an index of its own has that of its place. */
export function readChoices(list: readonly unknown[]): { choices: RawChoice[]; problems: string[] } {
  const choices: RawChoice[] = [];
  const problems: string[] = [];
  list.forEach((item, position) => {
    const parsed = choiceSchema.safeParse(item);
    if (!parsed.success) problems.push(problemsOf(parsed.error));
    else choices.push(toRaw(parsed.data, position));
  });
  const indices = new Set(choices.map(({ index }) => index));
  if (indices.size < choices.length)
    return { choices: choices.map((choice, index) => ({ ...choice, index })), problems };
  return { choices, problems };
}
