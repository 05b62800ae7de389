import type { Failure } from '@svo/mdp';
import { z } from 'zod';
import { PolicyError, policyError } from '../../http/errors.ts';
import { checkShape, problemsOf, readJson } from '../../http/json.ts';
import { errorInReply } from '../../http/reply-error.ts';
import { endOfEvents } from '../../http/sse.ts';
import type { RawChoice } from '../choices/raw-choice.ts';

/** SGLang writes a token as [log-prob, id, text]; the text is null unless it was asked for, and gateways leave it out. */
const token = z
  .tuple([z.number().nullable(), z.number().int()])
  .rest(z.unknown())
  .transform(([logp, id, text]) => ({ logp, id, text: typeof text === 'string' ? text : null }));

const finishReason = z.union([
  z.string(),
  z.object({
    type: z.string(),
    matched: z.union([z.string(), z.number()]).nullish().catch(undefined),
    message: z.string().nullish().catch(undefined),
    status_code: z.union([z.string(), z.number()]).nullish().catch(undefined),
  }),
]);

const answerSchema = z.object({
  text: z.string(),
  index: z.number().int().nonnegative().nullish().catch(undefined),
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

/**
 * Reads a reply of `/generate`: an answer, or a list of them for several texts. A broken one fails alone. The answers of a list
 * are those of its places where their indices do not say otherwise, each once.
 */
export function parseGenerate(text: string): readonly (GenerateAnswer | Failure)[] {
  const value = readJson(text);
  if (!Array.isArray(value)) {
    const failure = errorInReply(value);
    if (failure !== undefined) throw new PolicyError(failure);
    return [toAnswer(checkShape(answerSchema, value), 0)];
  }
  const answers = value.map((item: unknown, position): GenerateAnswer | Failure => {
    const failure = errorInReply(item);
    if (failure !== undefined) return failure;
    const parsed = answerSchema.safeParse(item);
    if (parsed.success) return toAnswer(parsed.data, position);
    return errorInReply(item, true) ?? { kind: 'malformed', message: problemsOf(parsed.error) };
  });
  const indices = answers.map((answer, position) => ('kind' in answer ? position : answer.choice.index));
  const isOrdered = new Set(indices).size === indices.length && indices.every((index) => index < indices.length);
  if (isOrdered) return indices.map((_, index) => answers[indices.indexOf(index)]!);
  return answers.map((answer, index) =>
    'kind' in answer ? answer : { ...answer, choice: { ...answer.choice, index } },
  );
}

/** A streamed reply on its way. */
export interface GenerateAssembly {
  readonly read: (events: AsyncIterable<string>) => Promise<readonly (GenerateAnswer | Failure)[]>;
  /** The answers that are complete so far. */
  readonly finished: () => readonly GenerateAnswer[];
}

/**
 * Reads a streamed reply to `asked` texts. Each event holds an answer so far, whole or, with `--incremental-streaming-output`,
 * only what is new; the texts tell which: a whole one begins with what came before it. Answers under one index that are not
 * one another's beginning cannot be told apart, and are given up.
 */
export function generateAssembly(asked: number): GenerateAssembly {
  const open = new Map<number, { answer: GenerateAnswer; events: number }>();
  /** Fewer indices than texts: an index may stand for several answers, and only what came in one event is sure to be one. */
  const sure = (): GenerateAnswer[] =>
    [...open.values()].filter(({ events }) => open.size >= asked || events === 1).map(({ answer }) => answer);
  return {
    read: async (events) => {
      let count = 0;
      for await (const event of events) {
        if (event === endOfEvents) continue;
        count++;
        const value = readJson(event);
        const failure = errorInReply(value);
        if (failure !== undefined) throw new PolicyError(failure);
        const answer = toAnswer(checkShape(answerSchema, value), 0);
        const before = open.get(answer.choice.index);
        const isNew = before === undefined;
        open.set(answer.choice.index, {
          answer: isNew ? answer : joined(before.answer, answer),
          events: isNew ? 1 : before.events + 1,
        });
      }
      if (count === 0) throw policyError('malformed', 'the stream held no event');
      return sure();
    },
    finished: () => sure().filter(({ choice }) => choice.finishReason !== null),
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
  const ending = typeof reason === 'string' || reason === null ? { type: reason } : reason;
  const matched = 'matched' in ending ? ending.matched : undefined;
  const status = 'status_code' in ending && ending.status_code ? ending.status_code : undefined;
  const failure = status === undefined ? undefined : errorInReply({ error: { ...ending, code: status } });
  return {
    choice: {
      index: data.index ?? position,
      text,
      finishReason: ending.type || null,
      ...(matched === undefined ? {} : { stopReason: matched }),
      ...(failure === undefined ? {} : { failure }),
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
    ...(texts.every((text) => text !== null) ? { tokens: texts.map((text) => ({ text })) } : {}),
  };
}
