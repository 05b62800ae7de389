/** Where an assistant's turn ends in what a template writes behind it. */
import type { Message } from './row-types.ts';

/** A conversation as text, or undefined where the template refuses it. */
type Attempt = (messages: readonly Message[], addGenerationPrompt: boolean) => string | undefined;

const question: Message = { role: 'user', content: 'question42' };
const answer: Message = { role: 'assistant', content: 'answer42' };
const further: Message = { role: 'user', content: 'further42' };

const behind = (text: string, content: string): string => text.slice(text.lastIndexOf(content) + content.length);

/** A text without the tag it breaks off in: `<|end|>\n<` of `<|end|>\n<|user|>`. */
const wholeTags = (text: string): string => text.replace(/[<[][^<>[\]\s]*$/, '');

/** What two texts both end with, from the beginning of a tag on. */
const sharedEnd = (one: string, other: string): string => {
  let length = 0;
  while (length < Math.min(one.length, other.length) && one.at(-1 - length) === other.at(-1 - length)) length++;
  const shared = one.slice(one.length - length);
  const inside = one.length > length && /^[^<[]*[>\]]/.test(shared);
  return inside ? shared.slice(shared.search(/[<[]|$/)) : shared;
};

/**
 * What a template writes behind an assistant's last turn beside the end of that turn: Phi's `<|endoftext|>` of the whole text, or the
 * opening of the next turn where a template opens one whatever it is told. The end of the turn is what stands there as well when the
 * conversation goes on, before the header of the next message. `''` where the template refuses to be tried.
 */
export const turnClose = (attempt: Attempt): string => {
  const [short, last, next] = [[question], [question, answer], [question, answer, further]].map((some) =>
    attempt(some, false),
  );
  if (short === undefined || last === undefined || next === undefined) return '';
  const text = behind(last, answer.content!);
  const on = behind(next.slice(0, next.lastIndexOf(further.content!)), answer.content!);
  if (short !== attempt([question], true)) {
    let length = 0;
    while (length < text.length && text[length] === on[length]) length++;
    return length === text.length ? '' : text.slice(wholeTags(text.slice(0, length)).length);
  }
  const start = next.slice(0, next.indexOf(question.content!));
  const header = sharedEnd(on, start);
  // Before a first message with a default system message stands an end of turn too: then the first tag is taken for it.
  const end =
    header === on && start !== on ? /^\s*[<[][^<>[\]]*[>\]]/.exec(text)?.[0] : on.slice(0, on.length - header.length);
  return end !== undefined && text.startsWith(end) ? text.slice(end.length) : text;
};
