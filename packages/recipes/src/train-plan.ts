import { existsSync, readdirSync } from 'node:fs';
import { assertCounts, assertOptions } from '@svo/mdp';
import type { Params } from '@svo/models';
import {
  checkpointReport,
  copyParams,
  initialTrainState,
  loadCheckpoint,
  type Optimizer,
  type StepResult,
  saveCheckpoint,
  train,
  trainStep,
} from '@svo/train';
import type { Plan } from './plan.ts';

/** What is trained, by what, and where its checkpoints lie. */
export interface TrainPlanOptions {
  /** The weights to begin with. They are copied, not consumed; frozen ones are used as they are. */
  readonly params: Params;
  readonly optimizer: Optimizer;
  /** Parameters trained while `params` stay what they are (of `initLora`). They are consumed. */
  readonly adapters?: Params;
  /** A folder for checkpoints: a training that was stopped goes on from the newest one there, bit for bit. None by default. */
  readonly checkpoints?: string;
  /** Updates between two checkpoints; 50 by default. */
  readonly every?: number;
  /** Ends the training after the update it is at, which is saved first. */
  readonly signal?: AbortSignal;
}

/**
 * The loop over a plan: as many updates as it says, each with its report, and a checkpoint now and then. The states are the
 * caller's: the last one yielded is the one to keep.
 *
 * @throws RangeError for a plan without updates: its rows do not fill one batch
 * @example
 * ```ts
 * import { causalLm, characterTokenizer } from '@svo/models';
 * import { defaultSettings, dpoPlan, planOptimizer, trainPlan } from '@svo/recipes';
 * const tokenizer = { ...characterTokenizer('0123456789+=? '), padId: 0 };
 * const sizes = { vocab_size: 20, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 };
 * const lm = causalLm({ model_type: 'llama', ...sizes });
 * const reference = lm.init(1);
 * const pairs = [{ questionId: 'q', prompt: '2+3=?', chosen: '5', rejected: '6' }];
 * const settings = { ...defaultSettings.dpo, batchSize: 1, updates: 3 };
 * const plan = await dpoPlan({ learner: { lm, tokenizer }, trees: [], trajectories: [], pairs, reference, settings, seed: 1 });
 * const losses: number[] = [];
 * for await (const { report } of trainPlan(plan, { params: reference, optimizer: planOptimizer(settings) })) losses.push(report.loss);
 * losses.length; // => 3
 * ```
 */
export async function* trainPlan<B extends object>(
  plan: Plan<B>,
  options: TrainPlanOptions,
): AsyncGenerator<StepResult, void, undefined> {
  assertOptions('trainPlan', options, ['params', 'optimizer', 'adapters', 'checkpoints', 'every', 'signal']);
  const { params, optimizer, adapters, checkpoints, every = 50, signal } = options;
  assertCounts('trainPlan', { every });
  if (plan.updates === 0)
    throw new RangeError(
      'trainPlan: plan must have updates, got 0 (its rows do not fill one batch: fewer rows a batch)',
    );
  const { frozen } = plan;
  const base = { ...(adapters && { base: params }), ...(frozen && { frozen }) };
  let state =
    checkpoints !== undefined && hasCheckpoint(checkpoints)
      ? await loadCheckpoint(checkpoints, base)
      : initialTrainState({ ...(adapters ? params : copyParams(params)), ...adapters, ...plan.extras?.() }, optimizer);
  if (state.step >= plan.updates) {
    yield { state, report: (await checkpointReport(checkpoints!))! };
    return;
  }
  const trainable = adapters ? { trainable: (name: string) => !(name in params) } : {};
  const step = trainStep(plan.loss, optimizer, trainable);
  for await (const result of train(state, plan.batches(state.cursor), step)) {
    state = result.state;
    const over = state.step === plan.updates || signal?.aborted === true;
    if (checkpoints !== undefined && (over || state.step % every === 0))
      await saveCheckpoint(checkpoints, state, { keep: 1, report: result.report, ...base });
    yield result;
    if (over) return;
  }
}

/** A kill during the very first save leaves a folder without a whole checkpoint: then the training begins again. */
const hasCheckpoint = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => /^step-\d+(\.\d+)?$/.test(name));
