import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { tokenizerFromJson } from '../tokenizer/tokenizer.ts';
import { applyChatTemplate, renderChat } from './chat-template.ts';

const { files } = characterTokenizer('abc');
const withTemplate = (chat_template: unknown) => tokenizerFromJson(files.tokenizer, { ...files.config, chat_template });
/** ChatML, as Qwen writes it, indented as files in the world are: block lines must leave no trace. */
const chatml = `{{ bos_token }}{% for message in messages %}
    {{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}`;
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: '1 + 2?' },
];

describe('applyChatTemplate', () => {
  test('renders ChatML', () => {
    const conversation = '<bos><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n1 + 2?<|im_end|>\n';
    expect(applyChatTemplate(withTemplate(chatml), messages)).toBe(`${conversation}<|im_start|>assistant\n`);
    expect(applyChatTemplate(withTemplate(chatml), messages, { addGenerationPrompt: false })).toBe(conversation);
  });

  test('picks a template by name and passes variables', () => {
    const tokenizer = withTemplate([
      { name: 'default', template: 'd' },
      { name: 'tool_use', template: '{{ tools | length }}' },
    ]);
    expect(applyChatTemplate(tokenizer, messages)).toBe('d');
    expect(applyChatTemplate(tokenizer, messages, { name: 'tool_use', variables: { tools: [1, 2] } })).toBe('2');
  });

  test('renders what transformers renders: tools, generation tags, namespaces, macros, loop controls, whitespace', () => {
    const { messages, tools, templates } = JSON.parse(
      readFileSync(new URL('../../../../test/golden/tokenizers/templates.json', import.meta.url), 'utf8'),
    );
    const variables = { tools, enable_thinking: false };
    for (const [name, { template, text }] of Object.entries<{ template: string; text: string }>(templates)) {
      const config = { ...files.config, bos_token: '<s>', eos_token: '</s>', chat_template: template };
      const tokenizer = tokenizerFromJson(files.tokenizer, config);
      expect(applyChatTemplate(tokenizer, messages, { variables }), name).toBe(text);
    }
  });

  test('a text marked safe stands alone, or beside what nothing in would be escaped', () => {
    const of = (template: string) => applyChatTemplate(withTemplate(template), [{ role: 'user', content: 'a<b' }]);
    expect(of('{{ messages[0].content | safe }}')).toBe('a<b');
    expect(of('{{ messages[0].content | safe + "\n" }}')).toBe('a<b\n');
    expect(of('{% set x = messages[0].content | safe %}{{ "<" + "x" }}')).toBe('<x');
    for (const template of ['{{ "x" | safe + messages[0].content }}', '{{ "<" ~ ("x" | safe) ~ "y" | safe }}'])
      expect(() => of(template), template).toThrow(/'\| safe' beside '\+'/);
  });

  test('reasoning is read under the names templates use, whatever it came as', () => {
    const template =
      '{% for m in messages %}[{{ m.reasoning_content }}|{{ m.thinking }}|{{ m.reasoning }}]{% endfor %}';
    const turns = [
      { role: 'assistant', content: '5', reasoning: 'add' },
      { role: 'assistant', content: '5', thinking: 'a', reasoning_content: 'b' },
      { role: 'assistant', content: '5', reasoning_content: null, thinking: 'c' },
      { role: 'user', content: '5' },
    ];
    // As transformers 5.24 renders it.
    expect(applyChatTemplate(withTemplate(template), turns)).toBe('[add|add|add][b|a|][c|c|][||]');
  });

  test('renders or refuses what transformers renders or refuses, a corner of the language a line', () => {
    const read = (file: string) =>
      JSON.parse(readFileSync(new URL(`../../../../test/golden/tokenizers/${file}`, import.meta.url), 'utf8'));
    const { messages, tools } = read('templates.json');
    const variables = { tools, enable_thinking: false };
    const config = { ...files.config, bos_token: '<s>', eos_token: '</s>', pad_token: null, unk_token: null };
    // Refused here though Python renders them: the parser cannot tell their meaning.
    const beyond = /1 < 2 < 3|3 > 2 > 2|raw|1e20|\*\* 0\.5|\(1,\)|start=\[\]/;
    for (const { template, text } of read('expressions.json') as { template: string; text: string | null }[]) {
      const tokenizer = tokenizerFromJson(files.tokenizer, { ...config, chat_template: template });
      const render = () => applyChatTemplate(tokenizer, messages, { variables });
      if (text === null || beyond.test(template)) expect(render, template).toThrow(RangeError);
      else expect(render(), template).toBe(text);
    }
  });

  test('what the template marks as the assistant’s', () => {
    const template =
      "{% for m in messages %}{% if m.role == 'assistant' %}A: {% generation %}{{ m.content }}<end>{% endgeneration %}\n{% else %}{{ m.content }}\n{% endif %}{% endfor %}";
    const { text, assistant } = renderChat(withTemplate(template), [
      { role: 'user', content: '1+2?' },
      { role: 'assistant', content: '3' },
      { role: 'user', content: '🙂' },
      { role: 'assistant', content: '4' },
    ]);
    expect(assistant.map(([start, end]) => text.slice(start, end))).toEqual(['3<end>', '4<end>']);
  });

  test('what is unknown is named, with its line', () => {
    const failing = (template: string) => () => applyChatTemplate(withTemplate(template), messages);
    expect(failing('{% if true %}\n\n{{ x | fromjson }}{% endif %}')).toThrow(
      /no filter named 'fromjson' .*\(line 3\)/,
    );
    expect(failing('a\n{% for m in messages %}\n{{ m.content.foo() }}{% endfor %}')).toThrow(
      /no function named 'm.content.foo' is known \(line 3\)/,
    );
    expect(failing('{{ f(1) }}')).toThrow(/no function named 'f'/);
    expect(failing('{{ messages[0](1) }}')).toThrow(/'messages\[…\]' is a dict and cannot be called/);
    expect(failing('{{ 1 is nonsense }}')).toThrow(/no test named 'nonsense'/);
    expect(failing('x\n{{ a b }}')).toThrow(/line 2: \{\{ a b \}\}/);
    expect(failing('{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}')).toThrow(
      /steps/,
    );
    expect(() => applyChatTemplate(withTemplate('x'), messages, { addGenerationPromt: true } as object)).toThrow(
      /unknown option 'addGenerationPromt'/,
    );
  });

  test('errors: no template, one that refuses, one that is broken', () => {
    expect(() => applyChatTemplate(withTemplate(undefined), messages)).toThrow(
      /must have a chat template 'default', got none/,
    );
    expect(() => applyChatTemplate(withTemplate([{ name: 'x', template: '' }]), messages)).toThrow(/'default'/);
    expect(() => applyChatTemplate(withTemplate("{{ raise_exception('roles must alternate') }}"), messages)).toThrow(
      /the template failed: .*roles must alternate/,
    );
    expect(() => applyChatTemplate(withTemplate('{% for %}'), messages)).toThrow(/the template failed/);
  });
});
