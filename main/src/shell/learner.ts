/** The model of a run: its architecture, its tokenizer, and its weights in and out of the run folder. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '@svo/files';
import {
  type CausalLm,
  causalLm,
  loadPretrained,
  type ModelConfig,
  type Params,
  parameterShapes,
  savePretrained,
} from '@svo/models';
import { download, upload } from '@svo/tensor';
import { OptionError } from '../options.ts';
import type { ModelSize, Task } from '../tasks/task.ts';
import { type RunTokenizer, tokenizerOf } from '../tasks/vocabulary.ts';
import { files, type RunFolder } from './run-folder.ts';

/** A decoder and the tokenizer its embedding was made for; every parameter set of a run belongs to it. */
export interface RunLearner {
  readonly lm: CausalLm;
  readonly tokenizer: RunTokenizer;
}

/** A new decoder of the task's size, for the task's vocabulary. */
export function newLearner({ vocabulary, size }: Pick<Task, 'vocabulary' | 'size'>): RunLearner {
  const tokenizer = tokenizerOf(vocabulary);
  return { lm: causalLm(configOf(size, tokenizer)), tokenizer };
}

/**
 * A model that somebody trained, with its weights.
 *
 * @throws OptionError when there is no such folder, or its tokenizer lacks what a run needs
 */
export async function givenLearner(folder: string): Promise<RunLearner & { readonly params: Params }> {
  if (!existsSync(join(folder, 'config.json')))
    throw new OptionError(`--model: '${folder}' has no config.json; expected a model folder with its tokenizer.json`);
  const { lm, params, tokenizer } = await loadPretrained(folder);
  if (tokenizer?.eosId === undefined)
    throw new OptionError(`--model: '${folder}' has no tokenizer.json with an end-of-sequence token`);
  const padded = { ...tokenizer, padId: tokenizer.padId ?? tokenizer.eosId };
  return { lm, params, tokenizer: padded as RunTokenizer };
}

/** Llama's architecture at the task's size. */
function configOf({ hidden, mlp, layers, heads }: ModelSize, tokenizer: RunTokenizer): ModelConfig {
  return {
    model_type: 'llama',
    vocab_size: 4 * Math.ceil(tokenizer.vocabularySize / 4),
    hidden_size: hidden,
    intermediate_size: mlp,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: true,
    // Wider than the usual 0.02: so narrow a model learns to copy and to add several times sooner.
    initializer_range: 0.1,
    pad_token_id: tokenizer.padId,
    bos_token_id: tokenizer.bosId,
    eos_token_id: tokenizer.eosId,
  };
}

/** What an objective trains beside the decoder (a value head, a value network) lies in a file of its own. */
const extrasFile = 'extras.safetensors';

/** Saves weights as a folder that Hugging Face transformers loads. The folder's presence says that all of it is there. */
export async function saveWeights(
  run: RunFolder,
  stage: string,
  { lm, tokenizer }: RunLearner,
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
