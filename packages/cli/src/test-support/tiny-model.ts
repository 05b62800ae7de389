import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { causalLm, characterTokenizer, savePretrained, tokenizerFromJson } from '@svo/models';
import { useBackend } from '@svo/tensor';

const template =
  '{% for m in messages %}{% if m.role == "user" %}Q: {{ m.content }}\n{% else %}A: {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}A: {% endif %}';

/** A decoder of six thousand weights with a chat template, as a folder: `model` below `folder`. */
export async function tinyModel(folder: string): Promise<string> {
  await useBackend('cpu');
  const { files } = characterTokenizer('0123456789+=-*/?! \n.,:QAabcdefghijklmnopqrstuvwxyzFW');
  const tokenizer = tokenizerFromJson(files.tokenizer, { ...files.config, chat_template: template });
  const sizes = { hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2 };
  const lm = causalLm({
    ...({ model_type: 'llama', vocab_size: 4 * Math.ceil(tokenizer.vocabularySize / 4), ...sizes } as const),
    ...(tokenizer.eosId !== undefined && { eos_token_id: tokenizer.eosId }),
    ...{ max_position_embeddings: 256, initializer_range: 0.2 },
  });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'model');
  await savePretrained(path, { lm, params: lm.init(1), tokenizer });
  return path;
}

/** Chats of TRL's preference kind: the right sum against a wrong one. */
export function chatPairs(path: string, count: number): void {
  const rows = Array.from({ length: count }, (_, i) => {
    const [a, b] = [1 + (i % 7), 1 + ((i * 3) % 5)];
    return {
      prompt: [{ role: 'user', content: `${a}+${b}=?` }],
      chosen: [{ role: 'assistant', content: `it is ${a + b}` }],
      rejected: [{ role: 'assistant', content: `it is ${a + b + 1}` }],
    };
  });
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}
