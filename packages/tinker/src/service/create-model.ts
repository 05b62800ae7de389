/** Models made, fresh or from a checkpoint. */
import { type LiveModel, liveModel } from '../model/model.ts';
import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { PromiseLost } from '../wire/errors.ts';
import { resultOf } from '../wire/future.ts';
import { ask, textField } from '../wire/request.ts';
import type { Dialect } from './dialect.ts';
import type { ServerConfig } from './server-config.ts';

/** A fresh model. */
export interface ModelOptions {
  /** The base model's name, one of `capabilities()`. */
  readonly baseModel: string;
  /** Of its LoRA adapters. */
  readonly rank: number;
  /** Of their first values; 0 by default. */
  readonly seed?: number;
  /** Which parts carry adapters, where the server heeds it; its own default otherwise. */
  readonly trainMlp?: boolean;
  readonly trainAttention?: boolean;
  readonly trainUnembed?: boolean;
}

/** Where a model comes from. */
export type ModelSource =
  | { readonly fresh: ModelOptions }
  | {
      readonly resumed: {
        readonly path: string;
        readonly baseModel: string;
        readonly rank: number;
        readonly optimizer: boolean;
      };
    };

export interface Creation {
  readonly wire: Connection;
  readonly life: AbortSignal;
  readonly sessionId: string;
  /** The next number of the session's models. */
  readonly nextSerial: () => number;
  readonly source: ModelSource;
  readonly dialect: Required<Dialect>;
  readonly config: ServerConfig;
  readonly onUnload: (id: string) => void;
}

/** How many models are tried where one's creation, or the loading of its checkpoint, got lost. */
const mostLoads = 4;

/**
 * Asks the server for a model, and gives what drives it. When a promise is lost, nobody knows whether there is a model, or whether the
 * checkpoint is in it; that can't be asked for again in a model that had a request. That model is given up, and another one made.
 */
export async function createModel(creation: Creation): Promise<LiveModel> {
  const { wire, life: signal } = creation;
  for (let load = 1; ; load++) {
    const options = 'fresh' in creation.source ? creation.source.fresh : creation.source.resumed;
    let id: string | undefined;
    try {
      id = await newModelId({ ...creation, serial: creation.nextSerial(), options });
      return await begun(creation, id, options);
    } catch (error) {
      if (!(error instanceof PromiseLost) || load >= mostLoads) throw error;
      if (id !== undefined)
        await ask(wire, { path: 'unload_model', body: { model_id: id }, signal }).catch(() => undefined);
    }
  }
}

async function begun(
  { wire, life, source, dialect, config, onUnload }: Creation,
  id: string,
  { baseModel, rank }: Pick<ModelOptions, 'baseModel' | 'rank'>,
): Promise<LiveModel> {
  return liveModel({
    wire,
    life,
    id,
    baseModel,
    rank,
    ...dialect,
    config,
    onUnload: () => onUnload(id),
    ...('resumed' in source && {
      // Servers load into a model that has done nothing yet.
      first: async (requests, signal) => {
        const { path, optimizer } = source.resumed;
        const body = (seqId: number): object => ({ model_id: id, path, optimizer, seq_id: seqId });
        await (await requests.change({ path: 'load_weights', body, signal })).result();
      },
    }),
  });
}

/** A model's id: of the result, since some servers don't say it before. */
export async function newModelId({
  wire,
  life: signal,
  sessionId,
  serial,
  options,
}: Pick<Creation, 'wire' | 'life' | 'sessionId'> & {
  readonly serial: number;
  readonly options: ModelOptions;
}): Promise<string> {
  const path = 'create_model';
  const { baseModel, rank, seed = 0, trainMlp, trainAttention, trainUnembed } = options;
  const body = {
    session_id: sessionId,
    model_seq_id: serial,
    base_model: baseModel,
    lora_config: {
      rank,
      seed,
      ...(trainMlp !== undefined && { train_mlp: trainMlp }),
      ...(trainAttention !== undefined && { train_attn: trainAttention }),
      ...(trainUnembed !== undefined && { train_unembed: trainUnembed }),
    },
  };
  const taken = await ask(wire, { path, body, signal });
  const result = await resultOf(wire, path, textField(path, taken, 'request_id'), signal);
  const id = isRecord(result) && typeof result.model_id === 'string' ? result : taken;
  return textField(path, id, 'model_id');
}
