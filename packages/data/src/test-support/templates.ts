/** Chat templates for the tests of this package, as functions. */
import type { RenderMessages } from '../rows/conversation.ts';
import type { Message } from '../rows/row-types.ts';

const body = ({ content, tool_calls: calls }: Message): string =>
  `${content ?? ''}${Array.isArray(calls) ? calls.map((call) => `<call>${JSON.stringify(call)}</call>`).join('') : ''}`;

/** ChatML, as Qwen's models have it, with tools and tool calls. */
export const chatml: RenderMessages = (messages, { addGenerationPrompt = true, variables = {} } = {}) =>
  [
    ...(variables.tools === undefined ? [] : [`<|im_start|>tools\n${JSON.stringify(variables.tools)}<|im_end|>\n`]),
    ...messages.map((message) => `<|im_start|>${message.role}\n${body(message)}<|im_end|>\n`),
    ...(addGenerationPrompt ? ['<|im_start|>assistant\n'] : []),
  ].join('');

/** One that knows nothing of options and tools: the content alone, and always the opening of the next turn. */
export const plainTurns: RenderMessages = (messages) =>
  `${messages.map(({ role, content }) => `<${role}>${content ?? ''}`).join('')}<assistant>`;

/** Mistral's first: nothing opens the assistant's turn, `</s>` ends it. */
export const inst: RenderMessages = (messages) =>
  messages.map(({ role, content }) => (role === 'user' ? `[INST] ${content} [/INST]` : `${content}</s>`)).join('');

/** Thinking is left out of all answers but the last, as Qwen3's template does. */
export const forgetful: RenderMessages = (messages, options) =>
  chatml(
    messages.map((message, at) =>
      message.role === 'assistant' && at < messages.length - 1
        ? { ...message, content: message.content?.replace(/^<think>.*<\/think>/, '') }
        : message,
    ),
    options,
  );

export const user = (content: string): Message => ({ role: 'user', content });
export const assistant = (content: string): Message => ({ role: 'assistant', content });
export const calling = (city: string, content: string | null = null): Message => ({
  role: 'assistant',
  content,
  tool_calls: [{ type: 'function', function: { name: 'weather', arguments: { city } } }],
});
