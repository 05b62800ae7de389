/** Value networks as folders: a decoder with a head of one label, which transformers reads as a token classifier. */

import { wholeFolder, writeFolder } from '@svo/files';
import { assertOptions } from '@svo/mdp';
import { type Tensor, tf } from '@svo/tensor';
import { parseConfig } from '../decoder/config/config.ts';
import { type ValueActivation, type ValueNetwork, valueNetwork } from '../decoder/head/value-head.ts';
import { type Params, parameterShapes } from '../decoder/parameters.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { configFile, readConfig, savedConfig, tokenizerFiles, tokenizerIn } from './model-folder.ts';
import { savedWeights } from './saved-weights.ts';
import { causalNames } from './stored-variants.ts';
import { checkWeights, type LocatedTensor, locateWeights, readWeights } from './stored-weights.ts';
import { type StoredDtype, shardLimit, weightFiles } from './weight-files.ts';

/** What a value network's folder held. */
export interface LoadedValueNetwork {
  readonly network: ValueNetwork;
  /** float32, whatever was stored. The caller disposes them. */
  readonly params: Record<string, Tensor>;
  readonly tokenizer?: Tokenizer;
}

/** Shapes by the names transformers' classifiers use: the decoder's own, and `score` for the head. */
const storedShapes = (architecture: Parameters<typeof parameterShapes>[0]): Record<string, readonly number[]> => {
  const { 'lm_head.weight': _, ...trunk } = parameterShapes(architecture);
  return { ...trunk, 'score.weight': [1, architecture.hiddenSize], 'score.bias': [1] };
};

const renamed = <T>(params: Readonly<Record<string, T>>, from: string, to: string): Record<string, T> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name.startsWith(from) ? to + name.slice(from.length) : name, value]),
  );

/** Reward models (`…ForSequenceClassification`) have a head without a bias. */
const withoutBias = (
  shapes: Record<string, readonly number[]>,
  stored: ReadonlyMap<string, LocatedTensor>,
): Record<string, readonly number[]> => {
  if (stored.has('score.bias')) return shapes;
  const { 'score.bias': _, ...rest } = shapes;
  return rest;
};

/**
 * Reads a value network that {@link saveValueNetwork} wrote, or a classifier or reward model of one label that transformers
 * wrote (`score.weight`, with or without `score.bias`), whose values are linear.
 *
 * @throws RangeError naming the file and what is wrong with it, before any weight is read
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { loadValueNetwork, saveValueNetwork, valueNetwork } from '@svo/models';
 * const network = valueNetwork({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await saveValueNetwork(folder, { network, params: network.init(1) });
 * (await loadValueNetwork(folder)).network.activation; // => 'tanh'
 * ```
 */
export const loadValueNetwork = async (path: string): Promise<LoadedValueNetwork> => {
  const folder = await wholeFolder(path);
  const config = await readConfig('loadValueNetwork', folder);
  const activation: ValueActivation = config.value_activation === 'tanh' ? 'tanh' : 'identity';
  const network = valueNetwork(config, activation);
  const stored = causalNames(await locateWeights(folder));
  const shapes = withoutBias(storedShapes(parseConfig(config, folder)), stored);
  checkWeights(`loadValueNetwork: ${folder}`, stored, shapes);
  const tokenizer = await tokenizerIn(folder);
  const read = await readWeights(stored, Object.keys(shapes));
  const params = renamed(read, 'score.', 'value_head.');
  params['value_head.bias'] ??= tf.zeros([1]);
  return { network, params, ...(tokenizer && { tokenizer }) };
};

/** What to save and how. */
export interface SaveValueNetworkOptions {
  readonly network: ValueNetwork;
  readonly params: Params;
  readonly tokenizer?: Tokenizer | undefined;
  /** How weights are stored; F32 by default. */
  readonly dtype?: StoredDtype;
  /** The most bytes of weights a file may hold; 5 GB by default. */
  readonly shardBytes?: number;
}

/**
 * Saves a value network as a folder that transformers' `AutoModelForTokenClassification` reads: its one label's score at a
 * token is the value before tanh. Written and moved into place as a whole, as by `savePretrained`.
 *
 * @throws RangeError when a parameter is missing or has another shape than the config's; the file system's errors
 * @example
 * ```ts
 * import { mkdtemp, readdir } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { saveValueNetwork, valueNetwork } from '@svo/models';
 * const network = valueNetwork({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await saveValueNetwork(folder, { network, params: network.init(1) });
 * (await readdir(folder)).sort(); // => ['config.json', 'model.safetensors']
 * ```
 */
export const saveValueNetwork = async (folder: string, options: SaveValueNetworkOptions): Promise<void> => {
  assertOptions('saveValueNetwork', options, ['network', 'params', 'tokenizer', 'dtype', 'shardBytes']);
  const { network, params, tokenizer, dtype = 'F32', shardBytes = shardLimit } = options;
  const { lm, activation } = network;
  const stored = renamed(params, 'value_head.', 'score.');
  const shapes = storedShapes(lm.architecture);
  const weights = savedWeights('saveValueNetwork', { shapes, params: stored, frozen: lm.decoder.frozen });
  const config = {
    ...savedConfig(lm, dtype, 'TokenClassification'),
    id2label: { 0: 'value' },
    label2id: { value: 0 },
    value_activation: activation,
  };
  await writeFolder(folder, [
    configFile(config),
    ...weightFiles(weights, dtype, shardBytes),
    ...tokenizerFiles(tokenizer),
  ]);
};
