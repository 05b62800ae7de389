/** What every model's folder has beside its weights: config.json, generation_config.json, the tokenizer's files. */
import { jsonFile, type NewFile } from '@svo/files';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { parseConfig } from '../decoder/config/config.ts';
import { families } from '../decoder/families/index.ts';
import { tokenizerFromJson } from '../tokenizer/tokenizer.ts';
import type { Tokenizer, TokenizerConfig } from '../tokenizer/types.ts';
import { fileExists, inFolder, readJsonFile, readTextFile } from './files.ts';
import { textConfig } from './text-config.ts';
import type { StoredDtype } from './weight-files.ts';

const maxConfigBytes = 1_000_000;
const maxTokenizerBytes = 200_000_000;

/**
 * A folder's config.json, checked; of a model that reads pictures too, its text part.
 * @throws RangeError when there is none, or one that {@link parseConfig} refuses
 */
export const readConfig = async (source: string, folder: string): Promise<ModelConfig> => {
  const path = inFolder(folder, 'config.json');
  if (!(await fileExists(path)))
    throw new RangeError(
      `${source}: ${folder} holds no config.json (a save cut short leaves the old one in ${folder}.previous)`,
    );
  const config = textConfig(await readJsonFile(path, maxConfigBytes)) as ModelConfig;
  parseConfig(config, path);
  return config;
};

const configDtype = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/** The config.json to save: the one the model was built from, with the class and the dtype of what is saved. */
export const savedConfig = (
  { config, architecture }: CausalLm,
  dtype: StoredDtype,
  head: 'CausalLM' | 'TokenClassification',
): Record<string, unknown> => ({
  ...config,
  architectures: [`${families[architecture.family].className}For${head}`],
  ...('torch_dtype' in config ? { torch_dtype: configDtype[dtype] } : { dtype: configDtype[dtype] }),
});

/** Keys that transformers takes for nothing but a float; JavaScript writes 30 for 30.0. */
const floatKeys = /"(final_logit_softcapping)": (-?\d+)(?=,?\n)/g;

/** The config.json to save as a file. */
export const configFile = (config: Readonly<Record<string, unknown>>): NewFile => {
  const { name, chunks } = jsonFile('config.json', config);
  return { name, chunks: typeof chunks === 'string' ? chunks.replace(floatKeys, '"$1": $2.0') : chunks };
};

/** generation_config.json's end-of-sequence ids, which come before config.json's, as in transformers' `generate`. */
export const generationEos = async (folder: string): Promise<readonly number[] | undefined> => {
  const path = inFolder(folder, 'generation_config.json');
  if (!(await fileExists(path))) return undefined;
  const ids = [(await readJsonFile(path, maxConfigBytes)).eos_token_id].flat();
  return ids.every((id): id is number => typeof id === 'number') ? ids : undefined;
};

/** The file that {@link generationEos} reads, where it says more than config.json. */
export const generationFiles = ({ architecture, config }: CausalLm): NewFile[] => {
  const { eosIds, bosId } = architecture;
  if (eosIds.join() === [config.eos_token_id ?? []].flat().join()) return [];
  return [
    jsonFile('generation_config.json', { ...(bosId !== undefined && { bos_token_id: bosId }), eos_token_id: eosIds }),
  ];
};

/** A null says as little as an absent key. */
const withoutNulls = (config: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));

const readIfThere = async (path: string): Promise<Record<string, unknown>> =>
  (await fileExists(path)) ? readJsonFile(path, maxConfigBytes * 10) : {};

/**
 * tokenizer_config.json; where it lacks a special token, special_tokens_map.json may name it. A chat template is in the first, or in a
 * file of its own, which wins.
 */
const tokenizerConfig = async (folder: string): Promise<TokenizerConfig> => {
  const config = {
    ...(await readIfThere(inFolder(folder, 'special_tokens_map.json'))),
    ...withoutNulls(await readIfThere(inFolder(folder, 'tokenizer_config.json'))),
  };
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
  const endIds = (await generationEos(folder)) ?? [];
  return tokenizerFromJson(await readJsonFile(path, maxTokenizerBytes), await tokenizerConfig(folder), endIds);
};

/** The tokenizer of a folder that may have none. */
export const tokenizerIn = async (folder: string): Promise<Tokenizer | undefined> =>
  (await fileExists(inFolder(folder, 'tokenizer.json'))) ? loadTokenizer(folder) : undefined;

/** The tokenizer's two files. */
export const tokenizerFiles = (tokenizer: Tokenizer | undefined): NewFile[] =>
  tokenizer
    ? [jsonFile('tokenizer.json', tokenizer.files.tokenizer), jsonFile('tokenizer_config.json', tokenizer.files.config)]
    : [];
