/** Which token ends an assistant's turn, as the chat template writes it. */
import type { Encoder } from '../tokenizer/encoder.ts';
import { specialTexts } from '../tokenizer/special-tokens.ts';
import type { TokenizerConfig } from '../tokenizer/types.ts';
import { templateOf } from './template.ts';

/** The template by its name, where a config has one. */
export const storedTemplate = ({ chat_template: stored }: TokenizerConfig, name: string): string | undefined => {
  if (typeof stored === 'string') return stored;
  const named = Array.isArray(stored) ? stored.find((entry) => entry?.name === name)?.template : undefined;
  return typeof named === 'string' ? named : undefined;
};

const answer = 'answer42';
const conversation = [
  { role: 'user', content: 'question' },
  { role: 'assistant', content: answer },
];

/** The id of the special token right behind an assistant's words; `undefined` without a template, or one that writes none. */
export const turnEnd = (config: TokenizerConfig, encoder: Encoder): number | undefined => {
  const source = storedTemplate(config, 'default');
  if (source === undefined) return undefined;
  try {
    const { text } = templateOf(source).render({
      ...specialTexts(config),
      tools: null,
      documents: null,
      messages: conversation,
      add_generation_prompt: false,
    });
    const after = text.slice(text.lastIndexOf(answer) + answer.length).trimStart();
    if (!text.includes(answer)) return undefined;
    return [...encoder.added.values()]
      .filter(({ special, content }) => special && after.startsWith(content))
      .sort((a, b) => b.content.length - a.content.length)[0]?.id;
  } catch {
    // A template that refuses this conversation will say so when it is used.
    return undefined;
  }
};
