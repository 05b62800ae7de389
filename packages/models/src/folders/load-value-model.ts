/** Whatever a training left that says values, as a `ValueModel`: a value network's folder, or a policy's with values beside it. */
import { decodeSafetensors, wholeFolder } from '@svo/files';
import { assertOptions, type ValueModel } from '@svo/mdp';
import { upload } from '@svo/tensor';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { valueHead, valueNetwork } from '../decoder/head/value-head.ts';
import { checkParameters, type Params, parameterShapes } from '../decoder/parameters.ts';
import { type LocalValueModelOptions, localValueModel } from '../policy/local-value-model.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { fileExists } from './files.ts';
import { readConfig, tokenizerIn } from './model-folder.ts';
import { loadPretrained } from './pretrained.ts';
import { loadValueNetwork } from './value-folder.ts';

/** How values are read. */
export interface LoadValueModelOptions {
  /** The steps' format: values that were trained before a step's delimiter are read there. */
  readonly format?: LocalValueModelOptions['format'];
  /** The folder's own by default. */
  readonly tokenizer?: Tokenizer;
  /** The folder's decoder where it is in memory already: a value head reads the policy's own states. */
  readonly loaded?: { readonly lm: CausalLm; readonly params: Params };
  /** Names the weights; `'values'` by default. */
  readonly id?: string;
}

/** The most bytes of a file beside a policy: an array holds no more. */
const mostBytes = 2 ** 31;
const head = 'value_head.';
const network = 'value_network.';
type Values = Pick<LocalValueModelOptions, 'head' | 'params'> & { readonly beforeDelimiter: boolean };

/**
 * V(s) from what a training left: a folder of {@link saveValueNetwork}, or a classifier or reward model of one label; or a policy's folder
 * with `FOLDER-extras.safetensors` beside it, as `svo train` leaves SVPO's value head (`value_head.weight`, read from the policy's states) and
 * DQO's, OREO's and DRO's value network (`value_network.…`, of the policy's architecture). A network beside a policy is read at the last
 * token, delimiter included, as it was trained; all others before the delimiter of `format`.
 *
 * @throws RangeError where nothing there says values, or the weights fit no such model, naming the file; where there is no tokenizer
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { blankLineFormat, initialState } from '@svo/mdp';
 * import { characterTokenizer, loadValueModel, saveValueNetwork, valueNetwork } from '@svo/models';
 * const tokenizer = characterTokenizer('0123456789+?');
 * const sizes = { hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 };
 * const network = valueNetwork({ model_type: 'llama', vocab_size: tokenizer.vocabularySize, ...sizes });
 * const folder = await mkdtemp(`${tmpdir()}/svo-`);
 * await saveValueNetwork(folder, { network, params: network.init(1), tokenizer });
 * const model = await loadValueModel(folder, { format: blankLineFormat });
 * const question = { id: 'q', prompt: '1+2?' };
 * const [value] = await model.values([{ question, state: initialState(question) }]);
 * Math.abs(value!) < 1; // => true
 * ```
 */
export async function loadValueModel(path: string, options: LoadValueModelOptions = {}): Promise<ValueModel> {
  assertOptions('loadValueModel', options, ['format', 'tokenizer', 'loaded', 'id']);
  const { format, loaded, id = 'values' } = options;
  const folder = await wholeFolder(path);
  const config = await readConfig('loadValueModel', folder);
  const tokenizer = options.tokenizer ?? (await tokenizerIn(folder));
  if (tokenizer === undefined)
    throw new RangeError(`loadValueModel: ${folder} must have a tokenizer.json, got none (or give options.tokenizer)`);
  const { beforeDelimiter, ...values } = isPolicy(config)
    ? await besidePolicy(folder, config, loaded)
    : await ofNetwork(folder);
  return localValueModel({ ...values, tokenizer, id, ...(beforeDelimiter && format && { format }) });
}

const isPolicy = ({ architectures }: ModelConfig): boolean =>
  ![architectures].flat().some((name) => /For(Token|Sequence)Classification$/.test(String(name)));

async function ofNetwork(folder: string): Promise<Values> {
  const { network: own, params } = await loadValueNetwork(folder);
  return { head: own, params, beforeDelimiter: true };
}

async function besidePolicy(
  folder: string,
  config: ModelConfig,
  loaded: LoadValueModelOptions['loaded'],
): Promise<Values> {
  const file = `${folder.replace(/[\\/]+$/, '')}-extras.safetensors`;
  const extras = (await fileExists(file)) ? await readExtras(file) : {};
  if (`${head}weight` in extras) {
    const { lm, params } = loaded ?? (await loadPretrained(folder));
    const own = valueHead(lm);
    checkParameters(`loadValueModel: ${file}`, extras, headShapes(lm.architecture.hiddenSize));
    return { head: own, params: { ...params, ...extras }, beforeDelimiter: true };
  }
  if (`${network}${head}weight` in extras) {
    const own = valueNetwork(config);
    const params = Object.fromEntries(
      Object.entries(extras).map(([name, tensor]) => [name.replace(network, ''), tensor]),
    );
    const { 'lm_head.weight': _, ...trunk } = parameterShapes(own.lm.architecture);
    const shapes = { ...trunk, ...headShapes(own.lm.architecture.hiddenSize) };
    checkParameters(`loadValueModel: ${file}`, params, shapes);
    return { head: own, params, beforeDelimiter: false };
  }
  throw new RangeError(
    `loadValueModel: ${folder} must be a value network (svo train --objective value, outcome-value, step-bce or pqm) or have values beside it (svpo, dqo, oreo, dro), got a policy alone`,
  );
}

const headShapes = (hidden: number): Readonly<Record<string, readonly number[]>> => ({
  [`${head}weight`]: [1, hidden],
  [`${head}bias`]: [1],
});

async function readExtras(file: string): Promise<Params> {
  const { readFile, stat } = await import('node:fs/promises');
  const { size } = await stat(file);
  if (size > mostBytes)
    throw new RangeError(`loadValueModel: ${file} must have at most ${mostBytes} bytes, got ${size}`);
  try {
    return upload(decodeSafetensors(await readFile(file)).tensors) as Params;
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${file}: ${error.message}`) : error;
  }
}
