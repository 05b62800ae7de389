/** Conversations to prompts, through the Jinja template a tokenizer carries. */
import { Template } from '@huggingface/jinja';
import type { Tokenizer, TokenizerConfig } from './tokenizer.ts';

/** One turn of a conversation; templates may read further keys. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: string | null;
  readonly [key: string]: unknown;
}

/** What a template may be given. */
export interface ChatTemplateOptions {
  /** End with the opening of the assistant's turn, so that a model continues with the answer; true by default. */
  readonly addGenerationPrompt?: boolean;
  /** The template's name where a tokenizer has several; `default` by default. */
  readonly name?: string;
  /** Further variables the template understands, e.g. `tools` or `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

const templateOf = ({ chat_template: stored }: TokenizerConfig, name: string): string => {
  if (typeof stored === 'string') return stored;
  const named = Array.isArray(stored) ? stored.find((entry) => entry?.name === name)?.template : undefined;
  if (typeof named === 'string') return named;
  throw new RangeError(
    `applyChatTemplate: the tokenizer must have a chat template '${name}', got none (tokenizer_config.json or chat_template.jinja)`,
  );
};

const specialTokens = (config: TokenizerConfig): Record<string, string> =>
  Object.fromEntries(
    ['bos_token', 'eos_token', 'pad_token', 'unk_token'].flatMap((key) => {
      const entry = config[key];
      const text = typeof entry === 'object' && entry !== null ? (entry as { content?: unknown }).content : entry;
      return typeof text === 'string' ? [[key, text]] : [];
    }),
  );

/**
 * A conversation as the text the model was trained on. Encode it without special tokens: the template writes them.
 *
 * @throws RangeError when the tokenizer has no such template, or the template refuses the conversation
 * @example
 * ```ts
 * import { applyChatTemplate, characterTokenizer, tokenizerFromJson } from '@svo/models';
 * const { files } = characterTokenizer('abc');
 * const chat_template = '{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant] {% endif %}';
 * const tokenizer = tokenizerFromJson(files.tokenizer, { ...files.config, chat_template });
 * applyChatTemplate(tokenizer, [{ role: 'user', content: '1 + 2?' }]); // => '[user] 1 + 2?\n[assistant] '
 * ```
 */
export const applyChatTemplate = (
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  { addGenerationPrompt = true, name = 'default', variables = {} }: ChatTemplateOptions = {},
): string => {
  const { config } = tokenizer.files;
  const source = templateOf(config, name);
  try {
    return new Template(source).render({
      ...specialTokens(config),
      ...variables,
      messages,
      add_generation_prompt: addGenerationPrompt,
    });
  } catch (error) {
    throw new RangeError(
      `applyChatTemplate: the template failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};
