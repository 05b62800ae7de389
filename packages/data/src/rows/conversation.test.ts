import { expect, test } from 'vitest';
import { assistant, calling, chatml, forgetful, inst, plainTurns, user } from '../test-support/templates.ts';
import { normalized, promptText, type RenderMarked, type RenderMessages, renderedTurns } from './conversation.ts';
import type { Message } from './row-types.ts';

const turns = (render: RenderMessages, before: readonly Message[], after: readonly Message[]) =>
  renderedTurns(before, after, { render, variables: {} });

test('an answer is what the template writes behind the opened turn, its end included', () => {
  expect(turns(chatml, [user('Q')], [assistant('A')])).toMatchObject({ text: 'A<|im_end|>\n' });
  expect(turns(inst, [user('Q')], [assistant('A')])).toMatchObject({ text: 'A</s>' });
});

test('a template that always opens the next turn leaves no opening behind the answer', () => {
  expect(turns(plainTurns, [user('Q')], [assistant('A')])).toMatchObject({ text: 'A' });
  const always: RenderMessages = (messages) => chatml(messages);
  expect(turns(always, [user('Q')], [assistant('A')])).toMatchObject({ text: 'A<|im_end|>\n' });
});

test("of several turns only the assistant's are scored", () => {
  const { text, scored } = turns(
    chatml,
    [user('Q')],
    [assistant('Let me check.'), user('Hurry up!'), assistant('It is 5.'), user('Thanks')],
  );
  expect(text).toBe(
    'Let me check.<|im_end|>\n<|im_start|>user\nHurry up!<|im_end|>\n<|im_start|>assistant\nIt is 5.<|im_end|>\n',
  );
  expect(scored?.map(([start, end]) => text.slice(start, end))).toEqual([
    'Let me check.<|im_end|>\n',
    'It is 5.<|im_end|>\n',
  ]);
});

test('tool calls are rendered, and what comes back from a tool is not scored', () => {
  const { text, scored } = turns(
    chatml,
    [user('Q')],
    [calling('Paris'), { role: 'tool', content: '20°' }, assistant('Mild.')],
  );
  expect(scored?.map(([start, end]) => text.slice(start, end))).toEqual([
    `<call>${JSON.stringify(calling('Paris').tool_calls).slice(1, -1)}</call><|im_end|>\n`,
    'Mild.<|im_end|>\n',
  ]);
});

test('a template that leaves out calls, their arguments, or tools is refused', () => {
  expect(() => turns(plainTurns, [user('Q')], [calling('Paris')])).toThrow("leaves out a message's tool_calls");
  const none: RenderMessages = (messages, options) =>
    chatml(
      messages.map(({ tool_calls: _, content, ...message }) => ({ ...message, content: content ?? 'None' })),
      options,
    );
  expect(() => turns(none, [user('Q')], [calling('Paris')])).toThrow("leaves out a message's tool_calls");
  const named: RenderMessages = (messages) =>
    plainTurns(
      messages.map(({ tool_calls: calls, ...message }) => ({
        ...message,
        content: `${message.content ?? ''}${Array.isArray(calls) ? calls.map((call) => call.function.name) : ''}`,
      })),
    );
  expect(() => turns(named, [user('Q')], [calling('Paris')])).toThrow("leaves out a message's tool_calls");
  const template = { render: plainTurns, variables: { tools: [{ name: 'weather' }] } };
  expect(() => promptText([user('Q')], template)).toThrow("leaves out the row's tools");
  expect(promptText([user('Q')], { ...template, render: chatml })).toContain('[{"name":"weather"}]');
});

test('a template that changes earlier turns has no difference to score', () => {
  const thought = assistant('<think>…</think>A');
  expect(() => turns(forgetful, [user('Q')], [thought, user('R'), thought])).toThrow(
    /must keep earlier turns as they were.*one row a turn with the earlier turns as its prompt/,
  );
  expect(turns(forgetful, [user('Q'), thought, user('R')], [thought]).text).toBe('<think>…</think>A<|im_end|>\n');
  expect(() => turns(forgetful, [user('Q')], [thought, user('R'), thought])).toThrow(
    'it writes "A<|im_end|>\\n<|im_start|>user\\nR" where it wrote "<think>…</think>A<|im_end|>\\n"',
  );
});

test('a completion begins with the assistant', () => {
  expect(() => turns(chatml, [user('Q')], [user('R'), assistant('A')])).toThrow(
    "must begin with the assistant's turn, got one of 'user'",
  );
  expect(() => turns(chatml, [user('Q')], [user('R')])).toThrow('got none of the assistant');
});

test('keys that Parquet fills with null are absent, save the content beside tool calls', () => {
  expect(normalized([{ role: 'user', content: 'Q', tool_calls: null, name: null }])).toEqual([user('Q')]);
  expect(normalized([{ role: 'assistant', content: 'A', tool_calls: [] }])).toEqual([assistant('A')]);
  const { content: _, ...withoutContent } = calling('Paris');
  expect(normalized([withoutContent])).toEqual([calling('Paris')]);
  expect(() => normalized([user('Q'), { role: 'assistant', content: null }])).toThrow(
    'message 2 (assistant) must have content, or tool_calls beside a content of null; got neither',
  );
});

test('a template that closes the whole text has each turn without that, and its own end with it', () => {
  const closing: RenderMessages = (messages, { addGenerationPrompt = true } = {}) =>
    `${messages.map(({ role, content }) => `<|${role}|>\n${content}<|end|>\n`).join('')}${addGenerationPrompt ? '<|assistant|>\n' : '<|endoftext|>'}`;
  const opening: RenderMessages = (messages) =>
    `<s>${messages.map(({ role, content }) => `<h>${role}</h>${content}<eot>`).join('')}<h>assistant</h>`;
  const cases: [RenderMessages, string[]][] = [
    [closing, ['A<|end|>\n', 'B<|end|>\n<|endoftext|>']],
    [opening, ['A<eot>', 'B<eot>']],
    [plainTurns, ['A', 'B']],
    [(messages) => chatml(messages), ['A<|im_end|>\n', 'B<|im_end|>\n']],
    [inst, ['A</s>', 'B</s>']],
  ];
  for (const [render, expected] of cases) {
    const { text, scored } = turns(render, [user('Q')], [assistant('A'), user('R'), assistant('B')]);
    expect(scored?.map(([start, end]) => text.slice(start, end))).toEqual(expected);
  }
});

test('what a template marks is scored, as it marks it', () => {
  // The opening is marked as well, and the end is not.
  const marking: RenderMarked = (messages, { addGenerationPrompt = true } = {}) => {
    let text = '';
    const spans: [number, number][] = [];
    for (const { role, content } of messages) {
      const start = text.length;
      text += `<${role}>${content}`;
      if (role === 'assistant') spans.push([start, text.length]);
      text += '</>';
    }
    return { text: text + (addGenerationPrompt ? '<assistant>' : ''), assistant: spans };
  };
  const marked = (render: RenderMarked, after: readonly Message[]) =>
    renderedTurns([user('Q')], after, { render, variables: {} });
  const answered = marked(marking, [assistant('A'), user('R'), assistant('B')]);
  expect(answered.prompt).toBe('<user>Q</><assistant>');
  expect(answered.scored?.map(([start, end]) => answered.text.slice(start, end))).toEqual(['A', '<assistant>B']);
  expect(answered.text.endsWith('B</>')).toBe(true);
  // Where the turn is opened with what the answer then lacks, the prompt ends where the marks begin.
  const thinking: RenderMarked = (messages, options) => {
    const given = marking(messages, options);
    return options?.addGenerationPrompt === false ? given : { ...given, text: `${given.text}<think>` };
  };
  expect(marked(thinking, [assistant('A')])).toEqual({
    prompt: '<user>Q</>',
    text: '<assistant>A</>',
    scored: [[0, 12]],
  });
});

test('a template without a place for the words is refused', () => {
  const parts: RenderMessages = (messages) => messages.map(({ role }) => `<${role}>`).join('');
  expect(() => turns(parts, [user('Q')], [assistant('A')])).toThrow('leaves out the content of message 1 (user)');
});
