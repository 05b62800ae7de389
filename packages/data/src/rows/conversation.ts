import type { Message, TextOrMessages } from './row-types.ts';
import { turnClose } from './turn-close.ts';

/**
 * Turns messages into the text a model sees; `(messages, options) => applyChatTemplate(tokenizer, messages, options)` of
 * `@svo/models` does. With `addGenerationPrompt: false` the text ends with the last message, else it opens the assistant's
 * next turn.
 */
export type RenderMessages = (
  messages: readonly Message[],
  options?: { readonly addGenerationPrompt?: boolean; readonly variables?: Readonly<Record<string, unknown>> },
) => string;

/**
 * As {@link RenderMessages}, with the parts that the template marks as the assistant's (`{% generation %}`);
 * `(messages, options) => renderChat(tokenizer, messages, options)` of `@svo/models` does.
 */
export type RenderMarked = (...given: Parameters<RenderMessages>) => {
  readonly text: string;
  readonly assistant: Spans;
};

/** Which parts of a completion the assistant wrote: [start, end) in UTF-16 code units. All of it where there are none. */
export type Spans = readonly (readonly [start: number, end: number])[];

/** A completion behind its prompt. */
export interface Rendered {
  readonly prompt: string;
  readonly text: string;
  readonly scored?: Spans;
}

/** A row's template and what its `tools` and `chat_template_kwargs` columns say. */
export interface Template {
  readonly render: RenderMessages | RenderMarked | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

const fail = (what: string): never => {
  throw new RangeError(`fromTrlRow: ${what}`);
};

export const isAssistant = (message: Message | undefined): boolean => message?.role === 'assistant';

const callsOf = ({ tool_calls: calls }: Message): readonly unknown[] => (Array.isArray(calls) ? calls : []);

/** Whether two plain JSON values are the same. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * Messages as a template expects them: keys that are null (Parquet fills them in) are absent, save the content beside tool
 * calls, which is null there; empty lists of calls are none.
 */
export const normalized = (messages: readonly Message[]): Message[] =>
  messages.map((message, at) => {
    const kept = Object.entries(message).filter(
      ([key, value]) =>
        value !== null && value !== undefined && !(key === 'tool_calls' && callsOf(message).length === 0),
    );
    const plain = Object.fromEntries(kept) as unknown as Message;
    if (typeof plain.content === 'string') return plain;
    if (callsOf(plain).length === 0)
      fail(
        `message ${at + 1} (${message.role}) must have content, or tool_calls beside a content of null; got neither`,
      );
    return { ...plain, content: null };
  });

const marked = (messages: readonly Message[], template: Template, addGenerationPrompt: boolean) => {
  const { render, variables } = template;
  if (render === undefined) {
    return fail(
      'a conversation needs options.render, the chat template its model was trained on (as bare text it would teach another format); `render: (messages, options) => applyChatTemplate(tokenizer, messages, options)`',
    );
  }
  const given = render(messages, { addGenerationPrompt, ...(Object.keys(variables).length > 0 && { variables }) });
  return typeof given === 'string' ? { text: given, assistant: [] } : given;
};

const rendered = (messages: readonly Message[], template: Template, addGenerationPrompt: boolean): string =>
  marked(messages, template, addGenerationPrompt).text;

/** A prompt as text: a conversation ends with the opening of the assistant's turn. */
export const promptText = (value: TextOrMessages, template: Template): string => {
  if (typeof value === 'string') return value;
  const messages = normalized(value);
  const text = rendered(messages, template, true);
  checkToolsRendered(messages, template);
  checkWordsRendered(messages, template);
  return text;
};

/** The text, or undefined where the template refuses. */
const attempt = (messages: readonly Message[], template: Template, addGenerationPrompt = false): string | undefined => {
  try {
    return rendered(messages, template, addGenerationPrompt);
  } catch {
    return undefined;
  }
};

/** Tools and tool calls that a template knows nothing of would vanish without a word. */
const checkToolsRendered = (messages: readonly Message[], template: Template): void => {
  const calling = messages.filter((message) => callsOf(message).length > 0);
  const { tools, ...others } = template.variables;
  if (calling.length === 0 && tools === undefined) return;
  const whole = attempt(messages, template);
  if (tools !== undefined && whole === attempt(messages, { ...template, variables: others }))
    fail(
      "the template leaves out the row's tools (does options.render pass on its second argument? is there a template with tools?)",
    );
  for (const message of calling) {
    // Some templates write 'None' where the content is null: without calls the message is tried with both.
    const without = (calls: readonly unknown[]): boolean =>
      [message.content, message.content ?? ''].some(
        (content) =>
          whole ===
          attempt(
            messages.map((other) => (other === message ? { ...message, content, tool_calls: calls } : other)),
            template,
          ),
      );
    const bare = callsOf(message).map((call) => withoutArguments(call));
    if (without([]) || (!same(bare, callsOf(message)) && without(bare)))
      fail("the template leaves out a message's tool_calls (use one that renders them, or rows without)");
  }
};

/** Words that a template has no place for (some read content as parts alone) would vanish as well. */
const checkWordsRendered = (
  messages: readonly Message[],
  template: Template,
  whole = attempt(messages, template),
): void => {
  for (const role of ['user', 'assistant']) {
    const at = messages.findLastIndex((message) => message.role === role && message.content?.trim());
    if (at < 0) continue;
    const other = messages.map((message, k) => (k === at ? { ...message, content: `${message.content}42` } : message));
    if (whole !== undefined && attempt(other, template) === whole)
      fail(
        `the template leaves out the content of message ${at + 1} (${role}) (one that reads a list of parts? then let options.render make content [{ type: 'text', text }])`,
      );
  }
};

/** A call whose arguments are empty. */
const withoutArguments = (call: unknown): unknown => {
  const { function: called, ...rest } = (call ?? {}) as { readonly function?: object };
  return called === undefined ? { ...rest, arguments: {} } : { ...rest, function: { ...called, arguments: {} } };
};

/** How the texts of two renderings part. */
const parting = (text: string, other: string): string => {
  const at = commonLength(text, other);
  const show = (one: string): string => JSON.stringify(one.slice(at, at + 30));
  return `it writes ${show(text)} where it wrote ${show(other)} for the turns before`;
};

/** The parts behind `start` that the template marks; the prompt ends where the first one begins if it is not as it was opened. */
const markedTurns = (text: string, assistant: Spans, start: string): Rendered => {
  const opened = text.startsWith(start) ? start.length : assistant[0]![0];
  const spans = assistant.filter(([, end]) => end > opened);
  const scored = spans.map(([from, to]) => [Math.max(from, opened) - opened, to - opened] as const);
  return { prompt: text.slice(0, opened), text: text.slice(opened, text.length), scored };
};

/**
 * What the template writes behind the prompt for these turns, the first of them the assistant's, and which parts of it are the
 * assistant's: those that the template marks, else each the difference between the conversation before it, its turn opened, and the
 * conversation with it. What a template writes behind the last turn alone (see {@link turnClose}) is no part of a turn.
 *
 * @throws RangeError when the template doesn't keep the earlier text as it was, so that no difference is an answer
 */
export const renderedTurns = (before: readonly Message[], turns: readonly Message[], template: Template): Rendered => {
  const answered = turns.findLastIndex((turn) => isAssistant(turn)) + 1;
  const [prompt, answers] = [normalized(before), normalized(turns.slice(0, answered))];
  if (!isAssistant(answers[0])) {
    fail(
      `a completion must begin with the assistant's turn, got ${answers[0] === undefined ? 'none of the assistant' : `one of '${answers[0].role}'`}`,
    );
  }
  const all = [...prompt, ...answers];
  const { text: whole, assistant } = marked(all, template, false);
  checkToolsRendered(all, template);
  checkWordsRendered(all, template, whole);
  const start = rendered(prompt, template, true);
  const opened = whole.startsWith(start) ? start.length : 0;
  if (assistant.some(([from, to]) => to > Math.max(from, opened))) return markedTurns(whole, assistant, start);
  const opens = rendered(prompt, template, false) === start;
  const close =
    opens || answers.length > 1
      ? turnClose((some, opened) => attempt(some, { ...template, variables: {} }, opened))
      : '';
  const closed = (text: string): string => (text.endsWith(close) ? text.slice(0, text.length - close.length) : text);
  const last = answers.length - 1;
  const end = opens ? closed(whole) : whole;
  const scored: [number, number][] = [];
  answers.forEach((turn, at) => {
    if (!isAssistant(turn)) return;
    const from = at === 0 ? start : rendered(all.slice(0, prompt.length + at), template, true);
    const to = at === last ? end : closed(rendered(all.slice(0, prompt.length + at + 1), template, false));
    if (!(to.startsWith(from) && end.startsWith(to))) {
      fail(
        `the template must keep earlier turns as they were and open the assistant's turn as it renders it: ${parting(to.startsWith(from) ? end : to, to.startsWith(from) ? to : from)} (some leave out earlier thinking; give \`enable_thinking: false\`, a template that keeps them, one with {% generation %} marks by \`renderChat\`, or one row a turn with the earlier turns as its prompt)`,
      );
    }
    scored.push([from.length - start.length, to.length - start.length]);
  });
  const text = end.slice(start.length);
  return { prompt: start, text, ...(answers.length > 1 && { scored }) };
};

/**
 * The common beginning of two strings or two lists, in entries.
 */
export const commonLength = <Entry>(
  one: ArrayLike<Entry>,
  other: ArrayLike<Entry>,
  alike: (a: Entry, b: Entry) => boolean = Object.is,
): number => {
  const limit = Math.min(one.length, other.length);
  let length = 0;
  while (length < limit && alike(one[length]!, other[length]!)) length++;
  return length;
};
