/** The model of a run: its architecture, its tokenizer, and its weights in and out of the run folder. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '@svo/files';
import {
  type CausalLm,
  causalLm,
  loadPretrained,
  type ModelConfig,
  type Params,
  parameterShapes,
  savePretrained,
  type Tokenizer,
} from '@svo/models';
import { download, upload } from '@svo/tensor';
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

/** What an objective trains beside the decoder (a value head, a value network) lies in a file of its own. */
const extrasFile = 'extras.safetensors';

/** Saves weights as a folder that Hugging Face transformers loads. The folder's presence says that all of it is there. */
export async function saveWeights(
  run: RunFolder,
  stage: string,
  { lm, tokenizer }: Learner,
  params: Params,
): Promise<void> {
  const folder = run.path(files.checkpoint(stage));
  mkdirSync(dirname(folder), { recursive: true });
  const own = new Set(Object.keys(parameterShapes(lm.architecture)));
  const [decoder, extras] = [true, false].map((wanted) =>
    Object.fromEntries(Object.entries(params).filter(([name]) => own.has(name) === wanted)),
  ) as [Params, Params];
  if (Object.keys(extras).length > 0) await run.write(extrasOf(stage), encodeSafetensors(await download(extras)));
  await savePretrained(folder, { lm, params: decoder, tokenizer });
}

/** Weights of a finished stage. The caller disposes them. */
export async function loadWeights(run: RunFolder, stage: string): Promise<Params> {
  const { params } = await loadPretrained(run.path(files.checkpoint(stage)));
  if (!run.has(extrasOf(stage))) return params;
  return { ...params, ...upload(decodeSafetensors(run.readBytes(extrasOf(stage))).tensors) };
}

const extrasOf = (stage: string): string => `${files.checkpoint(stage)}.${extrasFile}`;
