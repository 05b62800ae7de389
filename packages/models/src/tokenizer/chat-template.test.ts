import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { characterTokenizer } from './character-tokenizer.ts';
import { applyChatTemplate } from './chat-template.ts';
import { tokenizerFromJson } from './tokenizer.ts';

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
