/** Hugging Face folders in and out: config.json, safetensors, tokenizer.json. */
import type { Tensor } from '@svo/tensor';
import { type CausalLm, lmOf } from './causal-lm.ts';
import { type ModelConfig, parseConfig } from './config.ts';
import { decoder } from './decoder.ts';
import { fileExists, inFolder, jsonFile, readJsonFile, readTextFile, replaceFolder } from './files.ts';
import { checkParameters, type Params, parameterShapes } from './parameters.ts';
import { causalNames, halfDtype, untiedWhereStored } from './stored-variants.ts';
import { checkWeights, locateWeights, readWeights } from './stored-weights.ts';
import { type Tokenizer, type TokenizerConfig, tokenizerFromJson } from './tokenizer.ts';
import { type StoredDtype, weightFiles } from './weight-files.ts';

const maxConfigBytes = 1_000_000;
const maxTokenizerBytes = 200_000_000;

/** What a folder held. */
export interface Pretrained {
  readonly lm: CausalLm;
  /** float32, whatever was stored. The caller disposes them. */
  readonly params: Record<string, Tensor>;
  /** When the folder has a tokenizer.json. */
  readonly tokenizer?: Tokenizer;
  /** Tensors the model has no use for; they were not read. */
  readonly ignored: readonly string[];
}

/** A chat template is in tokenizer_config.json, or in a file of its own, which wins. */
const tokenizerConfig = async (folder: string): Promise<TokenizerConfig> => {
  const path = inFolder(folder, 'tokenizer_config.json');
  const config = (await fileExists(path)) ? await readJsonFile(path, maxConfigBytes * 10) : {};
  const template = inFolder(folder, 'chat_template.jinja');
  return (await fileExists(template))
    ? { ...config, chat_template: await readTextFile(template, maxConfigBytes) }
    : config;
};

/**
 * The tokenizer of a folder: tokenizer.json with tokenizer_config.json and chat_template.jinja where they are there.
 * @throws RangeError when there is no tokenizer.json or it cannot be used
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { characterTokenizer, loadTokenizer } from '@svo/models';
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * const { files } = characterTokenizer('0123456789');
 * await writeFile(`${folder}/tokenizer.json`, JSON.stringify(files.tokenizer));
 * await writeFile(`${folder}/tokenizer_config.json`, JSON.stringify(files.config));
 * (await loadTokenizer(folder)).encode('42'); // => [8, 6]
 * ```
 */
export const loadTokenizer = async (folder: string): Promise<Tokenizer> => {
  const path = inFolder(folder, 'tokenizer.json');
  if (!(await fileExists(path)))
    throw new RangeError(`loadTokenizer: ${folder} holds no tokenizer.json (slow tokenizers are not read)`);
  return tokenizerFromJson(await readJsonFile(path, maxTokenizerBytes), await tokenizerConfig(folder));
};

/** generation_config.json's end-of-sequence ids, which come before config.json's, as in transformers' `generate`. */
const generationEos = async (folder: string): Promise<readonly number[] | undefined> => {
  const path = inFolder(folder, 'generation_config.json');
  if (!(await fileExists(path))) return undefined;
  const ids = [(await readJsonFile(path, maxConfigBytes)).eos_token_id].flat();
  return ids.every((id): id is number => typeof id === 'number') ? ids : undefined;
};

/** How to read a folder. */
export interface LoadPretrainedOptions {
  /**
   * Round the rotary frequencies to the dtype the weights are stored in, for the numbers of a torch model that was cast
   * as a whole (`model.to(torch.bfloat16)` casts its buffers too). False by default, as in `from_pretrained`, which keeps
   * frequencies in float32 whatever the weights' dtype.
   */
  readonly roundFrequencies?: boolean;
}

/**
 * Loads a Llama, Qwen2, Qwen3 or Mistral folder: config.json, model.safetensors or its shards (bf16, f16, f32), and
 * tokenizer.json when there. A folder of the bare decoder is read too when its head is tied. Names, shapes, dtypes and byte ranges are checked against config.json and the files' real
 * sizes before any weight is read.
 *
 * @param folder path of the folder
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
export const loadPretrained = async (
  folder: string,
  { roundFrequencies = false }: LoadPretrainedOptions = {},
): Promise<Pretrained> => {
  const configPath = inFolder(folder, 'config.json');
  if (!(await fileExists(configPath)))
    throw new RangeError(
      `loadPretrained: ${folder} holds no config.json (a save cut short leaves the old one in ${folder}.previous)`,
    );
  const given = (await readJsonFile(configPath, maxConfigBytes)) as ModelConfig;
  parseConfig(given, configPath);
  const stored = causalNames(await locateWeights(folder));
  const config = await untiedWhereStored(given, stored);
  const architecture = parseConfig(config, configPath);
  const eosIds = (await generationEos(folder)) ?? architecture.eosIds;
  const expected = parameterShapes(architecture);
  checkWeights(`loadPretrained: ${folder}`, stored, expected);
  const roundedTo = roundFrequencies ? halfDtype(stored) : undefined;
  const rope = { ...architecture.rope, ...(roundedTo && { roundedTo }) };
  const lm = lmOf(config, decoder({ ...architecture, eosIds, rope }));
  const tokenizer = (await fileExists(inFolder(folder, 'tokenizer.json'))) ? await loadTokenizer(folder) : undefined;
  const params = await readWeights(stored, Object.keys(expected));
  const ignored = [...stored.keys()].filter((name) => !(name in expected));
  return { lm, params, ignored, ...(tokenizer && { tokenizer }) };
};

/** What to save and how. */
export interface SavePretrainedOptions {
  readonly lm: CausalLm;
  readonly params: Params;
  readonly tokenizer?: Tokenizer;
  /** How weights are stored; F32 by default. BF16 and F16 round to nearest. */
  readonly dtype?: StoredDtype;
  /** The most bytes of weights a file may hold before another is begun; 5 GB by default, as in transformers. */
  readonly shardBytes?: number;
}

const configDtype = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;
const architectures = {
  llama: 'LlamaForCausalLM',
  qwen2: 'Qwen2ForCausalLM',
  qwen3: 'Qwen3ForCausalLM',
  mistral: 'MistralForCausalLM',
};

const savedConfig = ({ config, architecture }: CausalLm, dtype: StoredDtype): Record<string, unknown> => ({
  architectures: [architectures[architecture.family]],
  ...config,
  ...('torch_dtype' in config ? { torch_dtype: configDtype[dtype] } : { dtype: configDtype[dtype] }),
});

/**
 * Saves a folder that transformers' `from_pretrained` reads: config.json, safetensors, and the tokenizer's files. The
 * folder is written beside its place and moved there as a whole, so that a crash or a full disk never leaves half of one;
 * a folder that was there is replaced.
 *
 * Adapters (`lora_A`, `lora_B`) and value heads in `params` are not part of a model's folder: merge or save them apart.
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
export const savePretrained = async (
  folder: string,
  { lm, params, tokenizer, dtype = 'F32', shardBytes: limit = 5e9 }: SavePretrainedOptions,
): Promise<void> => {
  const expected = parameterShapes(lm.architecture);
  checkParameters('savePretrained', params, expected);
  if (!(limit > 0)) throw new RangeError(`savePretrained: shardBytes must be > 0, got ${limit}`);
  await replaceFolder(folder, [
    jsonFile('config.json', savedConfig(lm, dtype)),
    ...weightFiles(params, Object.keys(expected), dtype, limit),
    ...(tokenizer
      ? [
          jsonFile('tokenizer.json', tokenizer.files.tokenizer),
          jsonFile('tokenizer_config.json', tokenizer.files.config),
        ]
      : []),
  ]);
};
