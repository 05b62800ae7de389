import { commonLength, isAssistant, same } from './conversation.ts';
import type { Message } from './row-types.ts';

const fail = (what: string): never => {
  throw new RangeError(`fromTrlRow: ${what}`);
};

const highSurrogate = /[\uD800-\uDBFF]$/;

/**
 * A text preference without a prompt: the prompt is what both sides begin with. It is not cut behind a space (tokenizers join a
 * space to the word after it, and TRL's `extract_prompt` does the same), nor inside a character, and each side keeps something.
 */
export const sharedText = (chosen: string, rejected: string): string => {
  let length = Math.min(commonLength(chosen, rejected), chosen.length - 1, rejected.length - 1);
  if (chosen[length - 1] === ' ') length--;
  while (length > 0 && highSurrogate.test(chosen.slice(0, length))) length--;
  return chosen.slice(0, Math.max(0, length));
};

/** The turns that whole conversations share before the assistant's that differ: the prompt of a row that has none of its own. */
export const sharedTurns = (sides: readonly (readonly Message[])[]): number => {
  const [first = [], ...others] = sides;
  const common = others.reduce((least, other) => Math.min(least, commonLength(first, other, same)), first.length);
  for (let length = common; length > 0; length--) if (sides.every((side) => isAssistant(side[length]))) return length;
  return fail(
    "conversations must share at least one turn before an assistant's (put what comes before the answer into `prompt`, as messages)",
  );
};

/** The turns before the assistant's first: the prompt of a single conversation. */
export const openingTurns = (conversation: readonly Message[]): number => {
  const at = conversation.findIndex(isAssistant);
  return at > 0
    ? at
    : fail(
        `a conversation must have a turn before the assistant's first, and one of the assistant's, got the roles ${conversation.map(({ role }) => role).join(', ')}`,
      );
};

/** A prompt that says something its conversations don't would be left out without a word. */
const checkSaid = (prompt: string, shared: readonly Message[]): void => {
  if (shared.some(({ content }) => content?.includes(prompt.trim()))) return;
  fail(
    `prompt must be among the turns its conversations begin with, got ${JSON.stringify(prompt.slice(0, 40))} (give it as messages, [{ role: 'user', content }], where it comes before them)`,
  );
};

/**
 * The messages before the answers of `sides`, and each side's own turns. Sides may be answers alone, behind a prompt of
 * messages; or whole conversations, which begin with the prompt (a text, messages, or none).
 */
export const splitSides = (
  prompt: string | readonly Message[] | undefined,
  sides: readonly (readonly Message[])[],
): { readonly before: readonly Message[]; readonly turns: readonly (readonly Message[])[] } => {
  if (typeof prompt === 'object') {
    const repeated = sides.every((side) => same(side.slice(0, prompt.length), prompt));
    const rest = repeated ? sides.map((side) => side.slice(prompt.length)) : sides;
    // Further turns of the user before the answer belong to the prompt.
    const opening = rest[0]!.findIndex(isAssistant);
    const more = rest[0]!.slice(0, Math.max(0, opening));
    if (opening > 0 && rest.every((side) => same(side.slice(0, opening), more)))
      return { before: [...prompt, ...more], turns: rest.map((side) => side.slice(opening)) };
    return { before: prompt, turns: rest };
  }
  if (prompt !== undefined && sides.some((side) => isAssistant(side[0]))) {
    fail(
      "prompt must be messages where the answers are, got text: whose turn it is is not said (prompt: [{ role: 'user', content: prompt }])",
    );
  }
  const length = sides.length === 1 ? openingTurns(sides[0]!) : sharedTurns(sides);
  const before = sides[0]!.slice(0, length);
  if (prompt !== undefined) checkSaid(prompt, before);
  return { before, turns: sides.map((side) => side.slice(length)) };
};
