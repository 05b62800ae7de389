import { rmSync } from 'node:fs';
import { referenceCache } from '@svo/data';
import { encodeSafetensors } from '@svo/files';
import {
  applyLora,
  initLora,
  type LoraSettings,
  mergeLora,
  type Params,
  saveAdapters,
  savePretrained,
  saveValueNetwork,
  type ValueActivation,
  valueNetwork,
  weightsDigest,
} from '@svo/models';
import { type LoadedLearner, planFor, planOptimizer, type RowMaterial, trainPlan } from '@svo/recipes';
import { download } from '@svo/tensor';
import { disposeTensors } from '@svo/train';
import { otherRun, UsageError } from '../errors.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { aboutMaterial } from '../stages/diagnosis.ts';
import type { TrainJob } from '../stages/train-job.ts';
import { follow, lossesOf } from './follow.ts';

/** What a training came to. */
export interface Trained {
  readonly updates: number;
  /** Rows that were longer than `maxLength`. */
  readonly dropped: number;
  readonly first: number;
  readonly last: number;
}

/** What is trained on what, and under which name its files lie. */
export interface Training {
  readonly stage: string;
  readonly job: TrainJob;
  readonly loaded: LoadedLearner;
  /** The frozen reference; the loaded weights by default. */
  readonly reference?: Params;
  readonly material: RowMaterial;
  readonly seed: number;
  /** Where the model folder goes. */
  readonly model: string;
}

/** Trains, or goes on where it was stopped, and saves the model's folder. */
export async function runTraining(run: RunFolder, shell: Shell, training: Training): Promise<Trained> {
  const { stage, job, loaded, material, seed, reference = loaded.params } = training;
  const { settings, lora, checkpointEvery } = job;
  const { learner, params } = loaded;
  const trained = lora ? { ...learner, lm: applyLora(learner.lm, lora as LoraSettings) } : learner;
  const weights = await referenceDigest(run, reference);
  const cache = await referenceCache(run.path(files.reference), { weights });
  const given = { learner: trained, ...material, reference, referenceCache: cache, settings, seed };
  const plan = await planFor(job.objective, given, job.lossOptions);
  if (plan.updates === 0) throw new UsageError(emptyPlan(job, material, plan.dropped ?? 0));
  const optimizer = planOptimizer({ ...settings, updates: plan.updates });
  const adapters = lora && initLora(learner.lm, lora as LoraSettings, seed);
  const checkpoints = run.path(files.checkpoints(stage));
  const options = { params, optimizer, checkpoints, every: checkpointEvery, signal: shell.signal };
  const steps = trainPlan(plan, { ...options, ...(adapters && { adapters }) });
  const last = await follow(run, shell, { stage, updates: plan.updates, steps, about: aboutMaterial(material) });
  const final = last?.state.params ?? params;
  await saveTrained(run, training, final, plan.values);
  rmSync(checkpoints, { recursive: true, force: true });
  disposeTensors(final, params);
  return { updates: plan.updates, dropped: plan.dropped ?? 0, ...lossesOf(run, stage) };
}

/**
 * The digest of the reference, which stays the same as long as the run does: a checkpoint holds what is trained, not what it is compared with.
 *
 * @throws UsageError where the model's folder holds other weights than when the run began
 */
async function referenceDigest(run: RunFolder, reference: Params): Promise<string> {
  const digest = await weightsDigest(reference);
  const began = run.has(files.digest) ? run.readJson<string>(files.digest) : undefined;
  if (began === undefined) await run.write(files.digest, JSON.stringify(digest));
  else if (began !== digest)
    throw otherRun(`the weights of the model are not those it began with (digest ${began}, now ${digest})`);
  return digest;
}

/** The whole model as a folder, and the adapters beside it where they alone were trained. */
async function saveTrained(
  run: RunFolder,
  { job, loaded, model }: Training,
  final: Params,
  values: ValueActivation | undefined,
): Promise<void> {
  const { lm, tokenizer } = loaded.learner;
  const lora = job.lora as LoraSettings | undefined;
  const [own, adapters, extras] = partsOf(final, loaded.params);
  if (values !== undefined) {
    const params = { ...(lora ? mergeLora({ ...own, ...adapters }, lora) : own), ...extras };
    await saveValueNetwork(run.path(model), { network: valueNetwork(lm.config, values), params, tokenizer });
    return;
  }
  if (Object.keys(extras).length > 0) await run.write(files.extras(model), encodeSafetensors(await download(extras)));
  if (lora === undefined) {
    await savePretrained(run.path(model), { lm, params: own, tokenizer });
    return;
  }
  await saveAdapters(run.path(files.adapter(model)), { settings: lora, params: adapters });
  const merged = mergeLora({ ...own, ...adapters }, lora);
  await savePretrained(run.path(model), { lm, params: merged, tokenizer });
  disposeTensors(merged);
}

/** The model's own weights, its adapters, and what the objective trained beside them (a value head, a value network). */
function partsOf(final: Params, model: Params): [Params, Params, Params] {
  const isOther = (name: string): boolean => name in model || !/\.lora_[AB]\.weight$/.test(name);
  const some = (wanted: (name: string) => boolean): Params =>
    Object.fromEntries(Object.entries(final).filter(([name]) => wanted(name)));
  return [
    some((name) => name in model),
    some((name) => !isOther(name)),
    some((name) => !(name in model) && isOther(name)),
  ];
}

/** What is said where the rows do not fill a batch. */
export function emptyPlan({ objective, settings }: TrainJob, material: RowMaterial, dropped: number): string {
  const { trees, trajectories, pairs, completions } = material;
  const long = dropped > 0 ? `, ${dropped} of which were left out, longer than train.maxLength or without draws` : '';
  return `data: '${objective}' finds less than one batch of ${settings.batchSize} in ${pairs.length} pairs, ${completions.length} completions, ${trajectories.length} trajectories and ${trees.length} trees${long}; a smaller train.batchSize, more rows, or the objective of these rows`;
}
