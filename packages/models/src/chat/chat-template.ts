/** Conversations to prompts, through the Jinja template a tokenizer carries. */
import { assertOptions, type Message } from '@svo/mdp';
import { specialTexts } from '../tokenizer/special-tokens.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import type { Rendered } from './interpreter.ts';
import { templateOf } from './template.ts';
import { storedTemplate } from './turn-end.ts';

/** What a template may be given. */
export interface ChatTemplateOptions {
  /** End with the opening of the assistant's turn, so that a model continues with the answer; true by default. */
  readonly addGenerationPrompt?: boolean;
  /** The template's name where a tokenizer has several; `default` by default. */
  readonly name?: string;
  /**
   * Further variables the template understands, e.g. `tools` or `enable_thinking`; `tools` and `documents` are None where they
   * are not given. A number that is whole is an int: JavaScript does not tell 1.0 from 1.
   */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A conversation as text, and the parts of it that the template marks as the assistant's. */
export interface RenderedChat {
  readonly text: string;
  /** [start, end) in UTF-16 code units of what stands between `{% generation %}` and `{% endgeneration %}`; none where it marks none. */
  readonly assistant: readonly (readonly [start: number, end: number])[];
}

const known = ['addGenerationPrompt', 'name', 'variables'];

/** What a message's reasoning may be called. */
const reasoningKeys = ['reasoning_content', 'thinking', 'reasoning'] as const;

/** Reasoning under the names templates read it by (`reasoning_content`; `thinking` in some), whatever it came as: as in transformers. */
const withReasoning = (message: Message): Readonly<Record<string, unknown>> => {
  const given = message as unknown as Readonly<Record<string, unknown>>;
  const reasoning = reasoningKeys.map((key) => given[key]).find((value) => value !== undefined && value !== null);
  return reasoning === undefined ? given : { thinking: reasoning, ...given, reasoning_content: reasoning };
};

const render = (
  source: string,
  tokenizer: Tokenizer,
  messages: readonly Message[],
  { addGenerationPrompt = true, name = 'default', variables = {} }: ChatTemplateOptions,
): Rendered => {
  const { config } = tokenizer.files;
  const template = storedTemplate(config, name);
  if (template === undefined)
    throw new RangeError(
      `${source}: the tokenizer must have a chat template '${name}', got none (tokenizer_config.json or chat_template.jinja)`,
    );
  try {
    return templateOf(template).render({
      ...specialTexts(config),
      ...variables,
      tools: variables.tools ?? null,
      documents: variables.documents ?? null,
      messages: messages.map(withReasoning),
      add_generation_prompt: addGenerationPrompt,
    });
  } catch (error) {
    throw new RangeError(`${source}: the template failed: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/**
 * A conversation as the text the model was trained on. Encode it without special tokens: the template writes them.
 *
 * Templates mean what they mean in transformers: Jinja with Python's values, methods and printing. What is not known
 * here is an error that names it and its line.
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
  messages: readonly Message[],
  options: ChatTemplateOptions = {},
): string => {
  assertOptions('applyChatTemplate', options, known);
  return render('applyChatTemplate', tokenizer, messages, options).text;
};

/**
 * As {@link applyChatTemplate}, with the parts that the template marks as the assistant's own words: with
 * `Tokenizer.encodeWithOffsets` they make the mask that transformers calls `assistant_masks`.
 *
 * @throws RangeError as {@link applyChatTemplate}
 * @example
 * ```ts
 * import { characterTokenizer, renderChat, tokenizerFromJson } from '@svo/models';
 * const { files } = characterTokenizer('abc');
 * const chat_template = '{% for m in messages %}{% if m.role == "assistant" %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}';
 * const tokenizer = tokenizerFromJson(files.tokenizer, { ...files.config, chat_template });
 * const messages = [{ role: 'user', content: '1+2?' }, { role: 'assistant', content: '3' }];
 * renderChat(tokenizer, messages, { addGenerationPrompt: false }); // => { text: '1+2?3', assistant: [[4, 5]] }
 * ```
 */
export const renderChat = (
  tokenizer: Tokenizer,
  messages: readonly Message[],
  options: ChatTemplateOptions = {},
): RenderedChat => {
  assertOptions('renderChat', options, known);
  const { text, generated } = render('renderChat', tokenizer, messages, options);
  return { text, assistant: generated };
};
