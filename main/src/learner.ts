/** The model of a run: its architecture, its tokenizer, and its weights in and out of the run folder. */
import { mkdirSync, readFileSync } from 'node:fs';
import { type CausalLm, causalLm, type ModelConfig, type Params, type Tokenizer } from '@svo/models';
import { decodeSafetensors, download, encodeSafetensors, tf } from '@svo/tensor';
import { files, type RunFolder } from './run-folder.ts';
import { chainTokenizer } from './vocabulary.ts';

/** A decoder and the tokenizer its embedding was made for; every parameter set of a run belongs to it. */
export interface Learner {
  readonly lm: CausalLm;
  readonly tokenizer: Tokenizer & { readonly padId: number; readonly bosId: number; readonly eosId: number };
}

/** Two layers of Llama's architecture, small enough to learn arithmetic on two cores in half a minute. */
export function createLearner(): Learner {
  const tokenizer = chainTokenizer() as Learner['tokenizer'];
  const config: ModelConfig = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: 4 * Math.ceil(tokenizer.vocabularySize / 4),
    hidden_size: 64,
    intermediate_size: 192,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: true,
    // Wider than the usual 0.02: with 64 dimensions the model learns to copy and to add several times sooner.
    initializer_range: 0.1,
    pad_token_id: tokenizer.padId,
    bos_token_id: tokenizer.bosId,
    eos_token_id: tokenizer.eosId,
  };
  return { lm: causalLm(config), tokenizer };
}

/** Saves weights as a folder that Hugging Face transformers loads. */
export async function saveWeights(run: RunFolder, stage: string, learner: Learner, params: Params): Promise<void> {
  const folder = files.checkpoint(stage);
  mkdirSync(run.path(folder), { recursive: true });
  const { lm, tokenizer } = learner;
  const json = (name: string, content: unknown) => run.write(`${folder}/${name}`, `${JSON.stringify(content, undefined, 2)}\n`);
  json('config.json', lm.config);
  json('tokenizer.json', tokenizer.files.tokenizer);
  json('tokenizer_config.json', tokenizer.files.config);
  const host: Record<string, Awaited<ReturnType<typeof download>>> = {};
  for (const [name, tensor] of Object.entries(params)) host[name] = await download(tensor);
  run.write(`${folder}/model.safetensors`, encodeSafetensors(host, { metadata: { format: 'pt' } }));
}

/** Weights of a finished stage. The caller disposes them. */
export function loadWeights(run: RunFolder, stage: string): Record<string, tf.Tensor> {
  const { tensors } = decodeSafetensors(readFileSync(run.path(`${files.checkpoint(stage)}/model.safetensors`)));
  return Object.fromEntries(Object.entries(tensors).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]));
}
