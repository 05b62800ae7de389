import { type ProposeRequest, type Question, renderPrefix, type State } from '@svo/mdp';
import { defaults } from '../defaults.ts';

/** One turn of a chat. */
export interface ChatTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** How a model samples. */
export interface SamplingOptions {
  /** Most tokens in a step. Default 256. */
  readonly maxTokens?: number;
  /**
   * Default 1: the model's own distribution, whose log-probs are the prior PUCT wants. At 0 there is but one candidate, which
   * is drawn once and stands for as many as were asked for.
   */
  readonly temperature?: number;
  readonly topP?: number;
  /** Sent as `top_k`, which vLLM, SGLang and llama.cpp know and OpenAI refuses. */
  readonly topK?: number;
  readonly minP?: number;
}

/** What a prompt is made of. */
export interface PromptOptions {
  /** `/v1/completions`: the text to continue. Default: the question's prompt, then the steps. */
  readonly prompt?: (question: Question, state: State) => string;
  /** `/v1/chat/completions`: the turns; a last turn of the assistant is continued. Default: prompt, then the steps. */
  readonly messages?: (question: Question, state: State) => readonly ChatTurn[];
  /** Put before the default messages. */
  readonly system?: string;
  /**
   * Chat: whether to say `continue_final_message` where the last turn is the assistant's. vLLM and SGLang need it,
   * llama.cpp continues unasked, servers that refuse fields they don't know (transformers, OpenAI) want it off. Default true.
   */
  readonly continueFlag?: boolean;
}

/** The names of `SamplingOptions` and of `PromptOptions`, for who checks options that extend them. */
export const samplingOptions: readonly (keyof SamplingOptions)[] = ['maxTokens', 'temperature', 'topP', 'topK', 'minP'];
export const promptOptions: readonly (keyof PromptOptions)[] = ['prompt', 'messages', 'system', 'continueFlag'];

/** What is asked of an OpenAI-compatible server, apart from the question. */
export interface OpenaiRequestOptions extends SamplingOptions, PromptOptions {
  readonly model: string;
  readonly endpoint: 'completions' | 'chat';
  readonly stop: readonly string[];
  readonly logps: boolean;
  readonly stream: boolean;
  readonly seeded: boolean;
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/**
 * The seed that goes on the wire, in [0, 2³¹): servers differ in the width they take, and vLLM gives sample i of a
 * request seed + i, so that requests with neighbouring seeds would share samples. Multiplying by an odd constant
 * (Knuth's 2654435761) keeps different seeds below 2³¹ different and moves neighbours far apart.
 */
export function wireSeed(seed: number, sample = 0): number {
  const low = seed % 2 ** 31;
  const high = Math.floor(seed / 2 ** 31) % 2 ** 31;
  return ((Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) + sample) & 0x7fffffff;
}

/** The turns of a chat: the question as the user's, the steps so far as the beginning of the assistant's. */
export function chatMessages(question: Question, state: State, system?: string): readonly ChatTurn[] {
  const prefix = state.steps.join('');
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
    { role: 'user', content: question.prompt },
    ...(prefix === '' ? [] : [{ role: 'assistant', content: prefix } as const]),
  ];
}

/** The beginning of the answer that a chat request gives the server to continue; empty for any other request. */
export function continuedText(body: Readonly<Record<string, unknown>>): string {
  const messages = (body.messages ?? []) as readonly ChatTurn[];
  const last = messages.at(-1);
  return last?.role === 'assistant' ? last.content : '';
}

/** The body of a request for `count` samples. A field that is undefined is not sent. */
export function openaiBody(
  request: ProposeRequest,
  options: OpenaiRequestOptions,
  count: number,
  seed: number,
): Record<string, unknown> {
  const shared = {
    model: options.model,
    n: count,
    max_tokens: options.maxTokens ?? defaults.maxTokens,
    temperature: options.temperature ?? defaults.temperature,
    top_p: options.topP,
    top_k: options.topK,
    min_p: options.minP,
    stop: options.stop.length > 0 ? options.stop : undefined,
    seed: options.seeded ? seed : undefined,
    ...(options.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  if (options.endpoint === 'completions') {
    const prompt = (options.prompt ?? renderPrefix)(request.question, request.state);
    return { ...shared, prompt, logprobs: options.logps ? 1 : undefined, ...options.extraBody };
  }
  const messages =
    options.messages?.(request.question, request.state) ??
    chatMessages(request.question, request.state, options.system);
  const continues = messages.at(-1)?.role === 'assistant';
  return {
    ...shared,
    messages,
    // Without a number llama.cpp sends the twenty likeliest tokens with each one.
    ...(options.logps ? { logprobs: true, top_logprobs: 1 } : {}),
    ...(continues && (options.continueFlag ?? true)
      ? { continue_final_message: true, add_generation_prompt: false }
      : {}),
    ...options.extraBody,
  };
}
