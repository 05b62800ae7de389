/** Models made, fresh or from a checkpoint. */
import { type LiveModel, liveModel } from '../model/model.ts';
import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { resultOf } from '../wire/future.ts';
import { ask, textField } from '../wire/request.ts';
import type { Dialect } from './dialect.ts';

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
  readonly serial: number;
  readonly source: ModelSource;
  readonly dialect: Required<Dialect>;
  readonly onUnload: (id: string) => void;
}

/** Asks the server for a model, and gives what drives it. */
export async function createModel(creation: Creation): Promise<LiveModel> {
  const { wire, life, source, dialect, onUnload } = creation;
  const options: ModelOptions = 'fresh' in source ? source.fresh : source.resumed;
  const id = await newModelId({ ...creation, options });
  return liveModel({
    wire,
    life,
    id,
    baseModel: options.baseModel,
    rank: options.rank,
    ...dialect,
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
}: Pick<Creation, 'wire' | 'life' | 'sessionId' | 'serial'> & { readonly options: ModelOptions }): Promise<string> {
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
