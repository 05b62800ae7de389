/** A model on a server: log-probs and weights there, the loss here. */

import type { Params, Tensor } from '@svo/tensor';
import { downloadAdapter } from '../checkpoints/download.ts';
import { saveCheckpoint } from '../checkpoints/save.ts';
import type { Reduction } from '../passes/encoding.ts';
import { json } from '../passes/json.ts';
import { forward, stepOrder, update, type Wording } from '../passes/passes.ts';
import { protobuf } from '../passes/protobuf.ts';
import { type Sampler, samplerOf } from '../sampling/sampler.ts';
import type { Connection } from '../wire/connection.ts';
import { PromiseLost, TinkerHttpError, TinkerRequestFailed } from '../wire/errors.ts';
import { lane } from '../wire/lane.ts';
import { ask } from '../wire/request.ts';
import { type Requests, requestsOf } from '../wire/requests.ts';
import { linked } from '../wire/wait.ts';
import { type AdamStep, adamParams } from './adam.ts';
import { checkedRows, type TokenRow } from './datum.ts';
import { type LogpLoss, lossGradient } from './loss-gradient.ts';
import { checkGradients } from './rows.ts';
import { type Marks, tokenLogps } from './token-logps.ts';

/** What every call may be told. */
export interface CallOptions {
  /** Calls it off. An update that was under way then leaves the model in doubt. */
  readonly signal?: AbortSignal;
}

/** One update's numbers. */
export interface UpdateReport {
  /** The loss before the update. */
  readonly loss: number;
  /** The loss's own metrics. */
  readonly metrics: Readonly<Record<string, number>>;
  /** ‖∂C/∂log p‖, over all predicted tokens. */
  readonly logpGradientNorm: number;
  /** What the server had to say of `optim_step`; names are its own. */
  readonly server: Readonly<Record<string, number>>;
}

/** A LoRA model on a server. Calls are run one after another, in the order they were made. */
export interface TinkerModel {
  /** The server's name of it. */
  readonly id: string;
  readonly baseModel: string;
  readonly rank: number;
  readonly reduction: Reduction;
  /** Whether passes are sent as protobuf. */
  readonly protobuf: boolean;
  /** Updates made through this object. */
  readonly updates: () => number;
  /** log p(token t | tokens before it) of each row, nats, aligned with its tokens; the first entry is 0. */
  readonly logps: (data: readonly TokenRow[], options?: CallOptions) => Promise<Float32Array[]>;
  /**
   * For the loss of `tinkerStep`: log-probs of a batch's own ids, [B, T], as `lm.tokenLogps` of a local model gives them; 0 where
   * `scored` has no entry ≥ 0.
   */
  readonly tokenLogps: (params: Params, ids: Tensor, options?: { readonly scored?: Marks }) => Tensor;
  /**
   * One update: log-probs from the server, the loss and its gradient by them here, AdamW there. `loss` gets [B, T] as
   * `tokenLogps` gives it; `width` is T, by default the longest row's length.
   */
  readonly lossStep: (
    data: readonly TokenRow[],
    loss: LogpLoss,
    adam: AdamStep,
    options?: CallOptions & { readonly width?: number },
  ) => Promise<UpdateReport>;
  /**
   * One update by a gradient computed elsewhere: ∂C/∂log p of each row's tokens but the first, or a function that gives it from
   * their log-probs.
   */
  readonly gradientStep: (
    data: readonly TokenRow[],
    gradients: readonly Float32Array[] | ((logps: readonly Float32Array[]) => Promise<readonly Float32Array[]>),
    adam: AdamStep,
    options?: CallOptions,
  ) => Promise<Readonly<Record<string, number>>>;
  /** Saves weights and optimizer under a name (letters, digits, `_`, `-`); gives the path to resume from. */
  readonly save: (name: string, options?: CallOptions) => Promise<string>;
  /** Saves weights for sampling and gives a sampler of them. */
  readonly sampler: (name: string, options?: CallOptions) => Promise<Sampler>;
  /** Saves the adapter and brings it here, as a PEFT folder that `loadAdapters` of `@svo/models` reads. */
  readonly downloadAdapter: (name: string, folder: string, options?: CallOptions) => Promise<void>;
  /** Frees it on the server. A gradient that nobody stepped with is cleared first. */
  readonly unload: (options?: CallOptions) => Promise<void>;
}

/** What a model is made of. */
export interface ModelParts {
  readonly wire: Connection;
  readonly life: AbortSignal;
  readonly id: string;
  readonly baseModel: string;
  readonly rank: number;
  readonly reduction: Reduction;
  readonly repeats: boolean;
  /** Whether passes are sent as protobuf. */
  readonly protobuf: boolean;
  /** What the server wants of passes. */
  readonly config: Pick<Wording, 'limits' | 'zstd'>;
  /** Whether a sampler keeps its own weights, whatever the live model does (see `tinkerService`). */
  readonly samplersAreCopies: boolean;
  /** Run before anything else. */
  readonly first?: (requests: Requests, signal: AbortSignal) => Promise<void>;
  readonly onUnload: () => void;
}

/** What else the service needs of a model. */
export interface LiveModel {
  readonly model: TinkerModel;
  /** A sampler at a path of this model's. */
  readonly samplerAt: (path: string) => Sampler;
}

/** Wires a model's functions around its lane. */
export async function liveModel(parts: ModelParts): Promise<LiveModel> {
  const { wire, life, id, reduction } = parts;
  const requests = requestsOf(wire, id, parts.repeats);
  const wording = { format: parts.protobuf ? protobuf : json, paper: parts.wire.paper(), ...parts.config };
  const works = lane();
  let updates = 0;
  let unloaded = false;
  let newest: string | undefined;
  let sampled = 0;
  const samples = new Set<Promise<unknown>>();

  const call = async <T>(options: CallOptions | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const link = linked([life, options?.signal]);
    try {
      return await works.run(async () => {
        if (link.signal.aborted) throw link.signal.reason;
        if (unloaded) throw new RangeError(`model ${id}: it was unloaded`);
        requests.check();
        return work(link.signal);
      });
    } finally {
      link.release();
    }
  };
  /** No sample is out while weights change: some servers sample from the live ones. */
  const step = async (
    rows: readonly Int32Array[],
    gradients: readonly Float32Array[],
    adam: Readonly<Record<string, number>>,
    signal: AbortSignal,
  ): Promise<Record<string, number>> => {
    await Promise.allSettled(samples);
    const metrics = await update({ requests, id, reduction, rows, gradients, adam, signal, ...wording });
    updates += 1;
    return metrics;
  };
  /**
   * A gradient that nobody stepped with would be in the next model on some servers: a step of rate 0 takes it away. Where the
   * server refuses it or fails, there is no model to clear.
   */
  const clear = async (signal: AbortSignal): Promise<void> => {
    try {
      await requests.read(stepOrder(id, adamParams('unload', { learningRate: 0, weightDecay: 0 }), signal));
    } catch (error) {
      const refused = error instanceof TinkerHttpError && error.status > 0;
      if (!(refused || error instanceof TinkerRequestFailed || error instanceof PromiseLost)) throw error;
    }
  };
  const guard = (path: string, caller: string): void => {
    if (parts.samplersAreCopies) return;
    if (path === newest && sampled === updates) return;
    throw new RangeError(
      `${caller}: the model was updated or saved again since this sampler was made, and a server may put the older weights into ` +
        'the live model; call model.sampler again (or give dialect.samplersAreCopies where samplers keep weights of their own)',
    );
  };
  const samplerAt = (path: string): Sampler =>
    samplerOf({
      wire,
      life,
      source: { model_path: path },
      name: path,
      protobuf: parts.protobuf,
      enter: async (work) => {
        // In the lane only to begin: samples run beside each other, and not beside an update.
        const started = await works.run(async () => {
          if (unloaded) throw new RangeError(`sample: model ${id} was unloaded`);
          guard(path, 'sample');
          const running = work();
          samples.add(running);
          running.then(
            () => samples.delete(running),
            () => samples.delete(running),
          );
          return { running };
        });
        return started.running;
      },
    });
  if (parts.first) await parts.first(requests, life);

  const model: TinkerModel = {
    id,
    baseModel: parts.baseModel,
    rank: parts.rank,
    reduction,
    protobuf: parts.protobuf,
    updates: () => updates,
    logps: async (data, options) => {
      const rows = checkedRows('logps', data);
      return call(options, async (signal) => (await forward({ requests, id, rows, signal, ...wording })).map(aligned));
    },
    tokenLogps,
    lossStep: async (data, loss, adam, options = {}) => {
      const rows = checkedRows('lossStep', data);
      const params = adamParams('lossStep', adam);
      const lengths = data.map(({ length }) => length);
      const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
      const { width = longest } = options;
      if (!(Number.isInteger(width) && width >= longest))
        throw new RangeError(`lossStep: width must be an integer ≥ ${longest} (the longest row), got ${width}`);
      return call(options, async (signal) => {
        const logps = await forward({ requests, id, rows, signal, ...wording });
        const { gradients, ...rest } = await lossGradient('lossStep', logps, lengths, width, loss);
        checkGradients('lossStep', gradients, lengths);
        const server = await step(rows, gradients, params, signal);
        return { ...rest, logpGradientNorm: norm(gradients), server };
      });
    },
    gradientStep: async (data, given, adam, options) => {
      const rows = checkedRows('gradientStep', data);
      const lengths = data.map(({ length }) => length);
      if (typeof given !== 'function') checkGradients('gradientStep', given, lengths);
      const params = adamParams('gradientStep', adam);
      return call(options, async (signal) => {
        if (typeof given !== 'function') return step(rows, given, params, signal);
        const gradients = await given(await forward({ requests, id, rows, signal, ...wording }));
        checkGradients('gradientStep', gradients, lengths);
        return step(rows, gradients, params, signal);
      });
    },
    save: (name, options) =>
      call(options, (signal) => saveCheckpoint({ wire, requests, id, name, kind: 'save_weights', signal })),
    sampler: (name, options) =>
      call(options, async (signal) => {
        newest = await saveCheckpoint({ wire, requests, id, name, kind: 'save_weights_for_sampler', signal });
        sampled = updates;
        return samplerAt(newest);
      }),
    downloadAdapter: (name, folder, options) =>
      call(options, async (signal) => {
        newest = await saveCheckpoint({ wire, requests, id, name, kind: 'save_weights_for_sampler', signal });
        sampled = updates;
        await downloadAdapter({ wire, id, name, folder, signal });
      }),
    unload: async (options) => {
      const link = linked([life, options?.signal]);
      try {
        await works.run(async () => {
          if (unloaded) return;
          unloaded = true;
          parts.onUnload();
          if (requests.inDoubt()) await clear(link.signal);
          await ask(wire, { path: 'unload_model', body: { model_id: id }, signal: link.signal });
        });
      } finally {
        link.release();
      }
    },
  };
  return { model, samplerAt };
}

/** Aligned with the tokens: nothing predicts the first. */
function aligned(logps: Float32Array): Float32Array {
  const row = new Float32Array(logps.length + 1);
  row.set(logps, 1);
  return row;
}

function norm(rows: readonly Float32Array[]): number {
  let sum = 0;
  for (const row of rows) for (let i = 0; i < row.length; i++) sum += row[i]! * row[i]!;
  return Math.sqrt(sum);
}
