/** A model of the Hub as a folder or file of this machine. */
import { assertOptions } from '@svo/mdp';
import { fileExists, inFolder, readJsonFile } from '../folders/files.ts';
import { cachedCommit, fetchBlob, keepCommit, modelCache, placeInSnapshot } from './hub-cache.ts';
import { type HubModel, hubContent, hubFile } from './hub-client.ts';
import { type HubSettings, hubSettings } from './hub-settings.ts';

/** Which of a model's files, and when. */
export interface DownloadModelOptions {
  /** A branch, a tag or a commit; `main` by default. */
  readonly revision?: string;
  /** The name of a `.gguf` file among the model's; without it the safetensors are fetched. */
  readonly file?: string;
}

/** `org/name` as the Hub allows it. */
export const isHubName = (text: string): boolean =>
  text.length <= 200 &&
  /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(text) &&
  !/\.\.|--|\.git$|[.-]$|[.-]\//.test(text);

/** A plain name: nothing that leads out of a folder. */
const isPlain = (name: string): boolean => /^[A-Za-z0-9_][\w.-]*$/.test(name) && name.length <= 200;

const fail = (message: string): never => {
  throw new RangeError(`loadPretrained: ${message}`);
};

/** What a folder of a causal model is read from, beside its weights. */
const small = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
];
const weights = 'model.safetensors';
const index = `${weights}.index.json`;

/** A GGUF file's parts. */
const partsOf = (file: string, files: readonly string[]): string[] => {
  const [, stem, total] = /^(.*)-\d{5}-of-(\d{5})\.gguf$/.exec(file) ?? [];
  if (stem === undefined) return [file];
  return files.filter((name) => name.startsWith(`${stem}-`) && name.endsWith(`-of-${total}.gguf`) && isPlain(name));
};

const checkedModel = (name: string, { revision = 'main', file }: DownloadModelOptions): HubModel => {
  if (!isHubName(name)) fail(`name must be org/name, got ${JSON.stringify(name.slice(0, 200))}`);
  if (!/^\w[\w.-]*(?:\/\w[\w.-]*)*$/.test(revision) || revision.includes('..') || revision.length > 200)
    fail(`revision must be a branch, a tag or a commit, got ${JSON.stringify(revision.slice(0, 200))}`);
  if (file !== undefined && !(isPlain(file) && file.endsWith('.gguf')))
    fail(`file must be the plain name of a .gguf file, got ${JSON.stringify(file.slice(0, 200))}`);
  return { name, revision };
};

const offlineModel = async (settings: HubSettings, model: HubModel, file: string | undefined): Promise<string> => {
  const commit = await cachedCommit(settings, model);
  const folder = `${modelCache(settings, model)}/snapshots/${commit}`;
  const missing = async (names: readonly string[]): Promise<string[]> => {
    const there = await Promise.all(names.map((name) => fileExists(inFolder(folder, name))));
    return names.filter((_, i) => !there[i]);
  };
  const lacking = async (): Promise<string[]> => {
    if (file !== undefined) return missing([file]);
    const whole = (await missing([weights])).length === 0 || (await missing([index])).length === 0;
    return [...(await missing(['config.json'])), ...(whole ? [] : [weights])];
  };
  if (commit === undefined)
    return fail(
      `HF_HUB_OFFLINE is set, there is no folder ${model.name} here, and the cache holds no revision ${model.revision} of it`,
    );
  const lost = await lacking();
  if (lost.length > 0)
    return fail(
      `HF_HUB_OFFLINE is set, and the cache lacks ${lost.join(' and ')} of ${model.name} at revision ${model.revision}`,
    );
  return file === undefined ? folder : inFolder(folder, file);
};

/** Names of the shards that an index speaks of, each a plain name that the model holds. */
const shardsIn = async (path: string, name: string, files: readonly string[]): Promise<string[]> => {
  const { weight_map: map } = await readJsonFile(path, 100_000_000);
  const shards = [...new Set(Object.values((map ?? {}) as Record<string, unknown>))];
  const wrong = shards.find((shard) => typeof shard !== 'string' || !isPlain(shard) || !files.includes(shard));
  return wrong === undefined
    ? (shards as string[])
    : fail(`${name}: its index names ${JSON.stringify(wrong)?.slice(0, 100)}, which is not among its files`);
};

/**
 * Brings a model of the Hub onto this machine: into the cache that Hugging Face's tools share, in their layout, so that what one has fetched
 * the others find. Large files go on where an earlier download ended; every file is checked against its hash; a file stands under its name only when it is whole,
 * and the weights come last.
 *
 * The environment says the rest: `HF_HOME`, `HF_HUB_CACHE`, `HF_ENDPOINT`, `HF_TOKEN`, and `HF_HUB_OFFLINE`, with which nothing is asked for.
 *
 * @param name `org/name`
 * @returns the path of the snapshot's folder, or with `file` of the `.gguf` file in it: what `loadPretrained` and `loadTokenizer` read
 * @throws RangeError naming what is wrong: a name or revision that is none, a model or file that is not there or not open to you, a Hub that cannot be reached,
 *   content that does not match its hash, and offline what the cache lacks; the file system's errors, `ENOSPC` for a full disk. No message holds the token
 * @example
 * ```ts
 * import { downloadModel } from '@svo/models';
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * process.env.HF_HUB_OFFLINE = '1';
 * process.env.HF_HOME = await mkdtemp(`${tmpdir()}/svo-`);
 * const failure = await downloadModel('Qwen/Qwen3-0.6B').catch((error: RangeError) => error.message);
 * failure.includes('the cache holds no revision main of it'); // => true
 * ```
 */
export const downloadModel = async (name: string, options: DownloadModelOptions = {}): Promise<string> => {
  assertOptions('downloadModel', options, ['revision', 'file']);
  const { file } = options;
  const model = checkedModel(name, options);
  const settings = await hubSettings(process.env);
  if (settings.offline) return offlineModel(settings, model, file);
  const { commit, files } = await hubContent(settings, model);
  const folder = `${modelCache(settings, model)}/snapshots/${commit}`;
  const place = async (one: string, blob: string): Promise<void> => placeInSnapshot(folder, one, blob);
  const blobOf = async (one: string): Promise<string> => {
    const placed = inFolder(folder, one);
    if (await fileExists(placed)) return placed;
    return fetchBlob(settings, model, { commit, file: one, ...(await hubFile(settings, model, commit, one)) });
  };
  const put = async (one: string): Promise<void> => place(one, await blobOf(one));
  if (file !== undefined) {
    if (!files.includes(file)) return fail(`${name}: holds no ${file}; of .gguf files it has ${listed(files)}`);
    for (const part of partsOf(file, files)) await put(part);
  } else {
    if (!files.includes('config.json') || !(files.includes(weights) || files.includes(index)))
      return fail(
        `${name}: must hold config.json and safetensors; of .gguf files it has ${listed(files)} (name one: { file })`,
      );
    for (const one of small) if (files.includes(one)) await put(one);
    if (files.includes(weights)) await put(weights);
    else {
      // The index takes its place last: a folder that has one has its shards.
      const blob = await blobOf(index);
      for (const shard of await shardsIn(blob, name, files)) await put(shard);
      await place(index, blob);
    }
  }
  await keepCommit(settings, model, commit);
  return file === undefined ? folder : inFolder(folder, file);
};

const listed = (files: readonly string[]): string => {
  const found = files.filter((name) => isPlain(name) && name.endsWith('.gguf'));
  if (found.length === 0) return 'none';
  return found.slice(0, 8).join(', ') + (found.length > 8 ? `, and ${found.length - 8} more` : '');
};
