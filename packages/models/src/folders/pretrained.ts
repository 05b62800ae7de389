/** Hugging Face folders of causal models in and out: config.json, safetensors, tokenizer.json. */

import { type NewFile, wholeFolder, writeFolder } from '@svo/files';
import { assertOptions } from '@svo/mdp';
import { type CausalLm, lmOf } from '../decoder/causal-lm.ts';
import { parseConfig } from '../decoder/config/config.ts';
import { checkCheckpoint, type DecoderOptions, decoder } from '../decoder/decoder-record.ts';
import { type Params, parameterShapes } from '../decoder/parameters.ts';
import { loadGguf } from '../gguf/load-gguf.ts';
import { type DownloadModelOptions, downloadModel, isHubName } from '../hub/download-model.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { checkSaved } from './check-saved.ts';
import { fileExists, inFolder, isFolder } from './files.ts';
import { checkWidth, readModel, type WeightWidth } from './frozen-weights.ts';
import type { Pretrained } from './loaded-model.ts';
import {
  configFile,
  generationEos,
  generationFiles,
  readConfig,
  savedConfig,
  tokenizerFiles,
  tokenizerIn,
} from './model-folder.ts';
import { causalNames, halfDtype, untiedWhereStored } from './stored-variants.ts';
import { checkWeights, locateWeights } from './stored-weights.ts';
import { type StoredDtype, shardLimit, weightFiles } from './weight-files.ts';

/** How to read a folder or file. */
export interface LoadPretrainedOptions extends DownloadModelOptions {
  /**
   * Round the rotary frequencies to the dtype the weights are stored in, for the numbers of a torch model that was cast
   * as a whole (`model.to(torch.bfloat16)` casts its buffers too). False by default, as in `from_pretrained`, which keeps
   * frequencies in float32 whatever the weights' dtype.
   */
  readonly roundFrequencies?: boolean;
  /** What the model keeps for a backward pass: `'layer'` keeps each layer's input and runs the layer again. `'none'` by default. */
  readonly checkpoint?: DecoderOptions['checkpoint'] & string;
  /** How the matrices are held: as float32 tensors, or frozen, in fewer bytes and outside the backend's memory. `'float32'` by default. */
  readonly weights?: WeightWidth;
}

/** What is here comes before what is on the Hub, whatever their names. */
const placeOf = async (path: string, { revision, file }: DownloadModelOptions): Promise<string> => {
  const here = (await isFolder(await wholeFolder(path))) || (await fileExists(path));
  if (!here && isHubName(path))
    return downloadModel(path, { ...(revision !== undefined && { revision }), ...(file !== undefined && { file }) });
  if (revision !== undefined)
    throw new RangeError(
      `loadPretrained: revision is for models of the Hub, ${path} is ${here ? 'here' : 'no name there'}`,
    );
  return file === undefined ? path : inFolder(path, file);
};

/**
 * Loads a model: a Hugging Face folder of any {@link ModelFamily}, a GGUF file, or either from the Hub by its name.
 *
 * Of a folder config.json, model.safetensors or its shards (bf16, f16, f32), and tokenizer.json when there. A folder of the bare decoder is read too when its head is tied. Names, shapes, dtypes and byte ranges are checked against config.json and the files' real
 * sizes before any weight is read, and weights are read one at a time.
 *
 * Of a file that ends in `.gguf` (the first of several, where it was split) the architectures llama, qwen2, qwen3, qwen3moe, smollm3, granite, gemma3, olmo2 (OLMo 3's among them), seed_oss, phi3, lfm2 and mistral3, in F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 or
 * Q2_K to Q6_K, with the tokenizer (`gpt2` and `llama`) and the chat template of its metadata.
 *
 * With `weights` other than `'float32'` every matrix of the model is frozen: in the file's own dtype, or in 8 or 4 bits, in ordinary memory
 * that `lm` holds, read piece by piece. `params` are then norms and biases alone; adapters ({@link applyLora}) are trained beside them, with
 * the gradients of the model that the frozen numbers stand for.
 *
 * A name `org/name` that is no folder here is fetched from the Hub into the cache that other tools share, see {@link downloadModel}.
 *
 * @param path of the folder or the `.gguf` file, or a name on the Hub
 * @throws RangeError naming the file and what is wrong with it
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { causalLm, loadPretrained, savePretrained } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await savePretrained(folder, { lm, params: lm.init(1) });
 * const loaded = await loadPretrained(folder);
 * loaded.lm.architecture.hiddenSize; // => 8
 * ```
 */
export const loadPretrained = async (path: string, options: LoadPretrainedOptions = {}): Promise<Pretrained> => {
  assertOptions('loadPretrained', options, ['roundFrequencies', 'checkpoint', 'weights', 'revision', 'file']);
  const { roundFrequencies = false, checkpoint = 'none', weights = 'float32' } = options;
  checkCheckpoint('loadPretrained', checkpoint);
  checkWidth('loadPretrained', weights);
  const place = await placeOf(path, options);
  if (place.endsWith('.gguf') && !(await isFolder(place)))
    return loadGguf(place, { roundFrequencies, checkpoint, weights });
  const folder = await wholeFolder(place);
  const given = await readConfig('loadPretrained', folder);
  const stored = causalNames(await locateWeights(folder));
  const config = await untiedWhereStored(given, stored);
  const architecture = parseConfig(config, folder);
  const eosIds = (await generationEos(folder)) ?? architecture.eosIds;
  const expected = parameterShapes(architecture);
  checkWeights(`loadPretrained: ${folder}`, stored, expected);
  const roundedTo = roundFrequencies ? halfDtype(stored) : undefined;
  const rope = { ...architecture.rope, ...(roundedTo && { roundedTo }) };
  const tokenizer = await tokenizerIn(folder);
  const { params, frozen } = await readModel(stored, architecture, weights);
  const lm = lmOf(config, decoder({ ...architecture, eosIds, rope }, { checkpoint }, frozen));
  const ignored = [...stored.keys()].filter((name) => !(name in expected));
  return { lm, params, ignored, ...(tokenizer && { tokenizer }) };
};

/** What to save and how. */
export interface SavePretrainedOptions {
  readonly lm: CausalLm;
  readonly params: Params;
  readonly tokenizer?: Tokenizer | undefined;
  /** How weights are stored; F32 by default. BF16 and F16 round to nearest. */
  readonly dtype?: StoredDtype;
  /** Add the adapters among `params` to the matrices they belong to, as `mergeLora` does, one at a time as they are written; `lm` is then the one of `applyLora`. False by default: adapters are left out. */
  readonly mergeAdapters?: boolean;
  /** The most bytes of weights a file may hold before another is begun; 5 GB by default, as in transformers. */
  readonly shardBytes?: number;
}

/**
 * Saves a folder that transformers' `from_pretrained` reads: config.json, safetensors, and the tokenizer's files. The
 * folder is written beside its place and moved there as a whole, so that a crash or a full disk never leaves half of one;
 * a folder that was there is replaced.
 *
 * Adapters (`lora_A`, `lora_B`) and value heads in `params` are not part of a model's folder: merge them (`mergeAdapters: true`) or save them apart
 * (`saveAdapters`, `saveValueNetwork`). Matrices that `lm` holds frozen are saved as the numbers they stand for: a model that was loaded with
 * `weights: 'int8'` is saved as its rounded self, one matrix at a time.
 *
 * @param folder path of the folder
 * @throws RangeError when a parameter is missing or has another shape than the config's; the file system's errors
 * @example
 * ```ts
 * import { mkdtemp, readdir } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { causalLm, savePretrained } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await savePretrained(folder, { lm, params: lm.init(1), dtype: 'BF16' });
 * (await readdir(folder)).sort(); // => ['config.json', 'model.safetensors']
 * ```
 */
export const savePretrained = async (folder: string, options: SavePretrainedOptions): Promise<void> =>
  writeFolder(folder, filesOf('savePretrained', options));

/**
 * The files of a folder that transformers' `from_pretrained` reads, for those who keep or send them themselves (a page that
 * offers a download, an object store): config.json, safetensors and the tokenizer's files, the bytes that {@link savePretrained}
 * writes. Weights are read when their file's `chunks` are, so the params must still be there then.
 *
 * @throws RangeError when a parameter is missing or has another shape than the config's
 * @example
 * ```ts
 * import { causalLm, pretrainedFiles } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * pretrainedFiles({ lm, params: lm.init(1) }).map(({ name }) => name); // => ['config.json', 'model.safetensors']
 * ```
 */
export const pretrainedFiles = (options: SavePretrainedOptions): NewFile[] => filesOf('pretrainedFiles', options);

const filesOf = (caller: string, options: SavePretrainedOptions): NewFile[] => {
  assertOptions(caller, options, ['lm', 'params', 'tokenizer', 'dtype', 'mergeAdapters', 'shardBytes']);
  const { lm, tokenizer, dtype = 'F32', shardBytes: limit = shardLimit } = options;
  const weights = checkSaved(caller, options);
  if (!(limit > 0)) throw new RangeError(`${caller}: shardBytes must be > 0, got ${limit}`);
  return [
    configFile(savedConfig(lm, dtype, 'CausalLM')),
    ...weightFiles(weights, dtype, limit),
    ...generationFiles(lm),
    ...tokenizerFiles(tokenizer),
  ];
};
