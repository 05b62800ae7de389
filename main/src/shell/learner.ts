/** The weights of a run, in and out of its folder. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '@svo/files';
import { loadPretrained, type Params, parameterShapes, savePretrained } from '@svo/models';
import { download, upload } from '@svo/tensor';
import { OptionError } from '../options.ts';
import type { RunLearner } from '../tasks/new-learner.ts';
import type { RunTokenizer } from '../tasks/vocabulary.ts';
import { files, type RunFolder } from './run-folder.ts';

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
