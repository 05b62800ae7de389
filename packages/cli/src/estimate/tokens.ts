import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer, type Tokenizer } from '@svo/models';

/** Letters of a token, where the tokenizer is not here to be asked: English text under the usual vocabularies. */
const lettersOfAToken = 3.5;

/** Counts the tokens of a text: by the model's own tokenizer where its folder is here, by its letters elsewhere. */
export async function tokenCounter(model: string): Promise<TokenCounter> {
  if (!existsSync(join(model, 'tokenizer.json')))
    return { tokenizer: undefined, count: (text) => Math.ceil(text.length / lettersOfAToken) };
  const tokenizer = await loadTokenizer(model);
  return { tokenizer, count: (text) => tokenizer.encode(text).length };
}

interface TokenCounter {
  /** The model's own, where it is here. */
  readonly tokenizer: Tokenizer | undefined;
  readonly count: (text: string) => number;
}

/** All text that a row holds, conversations included. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (typeof value !== 'object' || value === null) return '';
  const { content } = value as { readonly content?: unknown };
  return textOf(content);
}
