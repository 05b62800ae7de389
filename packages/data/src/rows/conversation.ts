import type { Message, TextOrMessages } from './row-types.ts';

/** Turns messages into the text a model sees; a chat template does. */
export type RenderMessages = (messages: readonly Message[]) => string;

/** Without a template: one message is its content. More have no text of their own. */
const contentOf: RenderMessages = (messages) => {
  if (messages.length !== 1) {
    throw new RangeError(
      `fromTrlRow: a conversation of ${messages.length} messages needs options.render, a chat template (only a single message is its own text)`,
    );
  }
  return messages[0]!.content;
};

/** A row's text, whichever form it has. */
export const textOf = (value: TextOrMessages, render: RenderMessages = contentOf): string =>
  typeof value === 'string' ? value : render(value);

/** The text of a completion: the assistant's turns without template, since the prompt ends where the assistant begins. */
export const completionOf = (value: TextOrMessages): string =>
  typeof value === 'string' ? value : value.map(({ content }) => content).join('');

/**
 * The common beginning of two strings or two lists, in entries. A text is not cut behind a space: tokenizers join a space
 * to the word after it (TRL's `extract_prompt` does the same).
 */
export const commonLength = <Entry>(
  one: ArrayLike<Entry>,
  other: ArrayLike<Entry>,
  same: (a: Entry, b: Entry) => boolean = Object.is,
): number => {
  const limit = Math.min(one.length, other.length);
  let length = 0;
  while (length < limit && same(one[length]!, other[length]!)) length++;
  return length;
};

/** A preference without a prompt, whose prompt is what both sides begin with. */
export const extractPrompt = (
  chosen: TextOrMessages,
  rejected: TextOrMessages,
): { prompt: TextOrMessages; chosen: TextOrMessages; rejected: TextOrMessages } => {
  if (typeof chosen === 'string' && typeof rejected === 'string') {
    let length = commonLength(chosen, rejected);
    if (chosen[length - 1] === ' ') length--;
    return { prompt: chosen.slice(0, length), chosen: chosen.slice(length), rejected: rejected.slice(length) };
  }
  if (typeof chosen === 'string' || typeof rejected === 'string') {
    throw new RangeError('fromTrlRow: chosen and rejected must both be text or both be messages');
  }
  const same = (a: Message, b: Message): boolean => a.role === b.role && a.content === b.content;
  const length = commonLength(chosen, rejected, same);
  return { prompt: chosen.slice(0, length), chosen: chosen.slice(length), rejected: rejected.slice(length) };
};
