/** What the folders of one model may differ in: names with or without a prefix, a tied head stored nevertheless, dtypes. */
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { type LocatedTensor, sameContent } from './stored-weights.ts';

/** What wraps a model leaves its name in front: torch.compile, DataParallel, PEFT; and models that read pictures too hold theirs inside. */
const unwrapped = (name: string): string =>
  name
    .replace(/^(?:_orig_mod\.|module\.|base_model\.model\.)+/, '')
    .replace(/^(?:model\.)?language_model\.(?=lm_head\.|model\.)/, '')
    .replace(/^(?:model\.)?language_model\./, 'model.')
    .replace(/(^|\.)_orig_mod\./g, '$1');

const embedding = 'embed_tokens.weight';

/** Names as a causal model has them, out of their wrappers; folders of a bare decoder (`AutoModel`) lack the prefix. */
export const causalNames = (stored: ReadonlyMap<string, LocatedTensor>): ReadonlyMap<string, LocatedTensor> => {
  const plain = new Map([...stored].map(([name, tensor]) => [unwrapped(name), tensor]));
  // Two models in one folder: which is meant, the error about missing names leaves to the reader.
  const names = plain.size === stored.size ? plain : stored;
  return names.has(embedding) && !names.has(`model.${embedding}`)
    ? new Map([...names].map(([name, tensor]) => [name === 'lm_head.weight' ? name : `model.${name}`, tensor]))
    : names;
};

/** A config that ties the head to the embedding yields to a file that holds another head, as in transformers 5. */
export const untiedWhereStored = async (
  config: ModelConfig,
  stored: ReadonlyMap<string, LocatedTensor>,
): Promise<ModelConfig> => {
  const [head, embedding] = [stored.get('lm_head.weight'), stored.get('model.embed_tokens.weight')];
  return config.tie_word_embeddings && head && embedding && !(await sameContent(head, embedding))
    ? { ...config, tie_word_embeddings: false }
    : config;
};

/** The dtype of the embedding, where it is one that frequencies would be rounded to. */
export const halfDtype = (stored: ReadonlyMap<string, LocatedTensor>): 'F16' | 'BF16' | undefined => {
  const dtype = stored.get('model.embed_tokens.weight')?.dtype;
  return dtype === 'F16' || dtype === 'BF16' ? dtype : undefined;
};
