/** A server that speaks the Tinker API, and one session on it. */
import { assertOptions } from '@svo/mdp';
import type { LiveModel, TinkerModel } from '../model/model.ts';
import { type Sampler, samplerOf } from '../sampling/sampler.ts';
import { type Connection, type ConnectionOptions, connection, connectionOptions } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { ProtocolError } from '../wire/errors.ts';
import { ask, textField } from '../wire/request.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { createModel, type ModelOptions, type ModelSource } from './create-model.ts';
import { type Dialect, known } from './dialect.ts';
import { learnDialect } from './learn-dialect.ts';
import { serverConfig } from './server-config.ts';
import { openSession } from './session.ts';

/** How to reach a server, and what is known of it. */
export interface ServiceOptions extends ConnectionOptions {
  readonly dialect?: Dialect;
  /** Milliseconds between heartbeats; default 10,000, as the official SDK's. */
  readonly heartbeatMs?: number;
  /** Marks the session in the server's lists. */
  readonly tags?: readonly string[];
  /** Closes the session. */
  readonly signal?: AbortSignal;
}

/** A session. Its models live as long as it does; checkpoints stay. */
export interface TinkerService {
  readonly sessionId: string;
  /** The server's news and warnings. */
  readonly messages: readonly string[];
  readonly capabilities: () => Promise<Capabilities>;
  /** A fresh LoRA model. Before the first one of a base model, what the dialect doesn't say is found out on a throwaway one. */
  readonly createModel: (options: ModelOptions) => Promise<TinkerModel>;
  /** A new model with a checkpoint's weights, and its optimizer unless `optimizer` is false. */
  readonly resume: (
    path: string,
    options?: { readonly optimizer?: boolean; readonly signal?: AbortSignal },
  ) => Promise<TinkerModel>;
  /** Draws from a base model or a sampler checkpoint. */
  readonly sampler: (source: { readonly path: string } | { readonly baseModel: string }) => Sampler;
  /** Ends the heartbeat and unloads the models that are left. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a session on a server that speaks the Tinker API: Tinker itself, SkyRL, and others on one's own GPUs.
 * @throws RangeError for an option that can't work; TinkerHttpError when the server refuses or can't be reached
 * @example
 * ```ts
 * import { localTinker } from '@svo/tinker/testing';
 * import { tinkerService } from '@svo/tinker';
 * const server = await localTinker();
 * const service = await tinkerService({ baseUrl: server.url });
 * const model = await service.createModel({ baseModel: server.baseModel, rank: 4, seed: 1 });
 * const [logps] = await model.logps([[1, 2, 3]]);
 * logps!.length; // => 3
 * await service.close();
 * await server.close();
 * ```
 */
export async function tinkerService(options: ServiceOptions): Promise<TinkerService> {
  const { dialect = {}, tags = ['@svo/tinker'], heartbeatMs = 10_000, signal, ...reach } = options;
  assertOptions('tinkerService', options, [...connectionOptions, 'dialect', 'tags', 'heartbeatMs', 'signal']);
  assertOptions('tinkerService: dialect', dialect, ['reduction', 'repeats', 'protobuf', 'samplersAreCopies']);
  if (!(heartbeatMs > 0)) throw new RangeError(`tinkerService: heartbeatMs must be > 0, got ${heartbeatMs}`);
  const wire = connection('tinkerService', reach);
  const session = await openSession(wire, tags, heartbeatMs, signal ?? new AbortController().signal);
  signal?.addEventListener('abort', session.close, { once: true });
  const { life } = session;
  const config = serverConfig(wire, life);
  const live = new Map<string, LiveModel>();
  const dialects = new Map<string, Promise<Required<Dialect>>>();
  const { protobuf = false } = dialect;
  let serial = 0;

  const make = async (source: ModelSource, spoken: Required<Dialect>): Promise<LiveModel> => {
    const made = await createModel({
      wire,
      life,
      sessionId: session.id,
      nextSerial: () => serial++,
      source,
      dialect: spoken,
      config: await config(),
      onUnload: (id) => live.delete(id),
    });
    live.set(made.model.id, made);
    return made;
  };
  const dialectOf = (baseModel: string, rank: number): Promise<Required<Dialect>> => {
    const given = known(dialect);
    if (given) return Promise.resolve(given);
    const found = dialects.get(baseModel);
    if (found) return found;
    const place = { wire, life, sessionId: session.id, nextSerial: () => serial++ };
    const learnt = config().then((wishes) => learnDialect({ ...place, baseModel, rank, dialect, config: wishes }));
    dialects.set(baseModel, learnt);
    learnt.catch(() => dialects.delete(baseModel));
    return learnt;
  };
  return {
    sessionId: session.id,
    messages: session.messages,
    capabilities: () => capabilitiesOf(wire, life),
    createModel: async (given) => {
      assertOptions('createModel', given, ['baseModel', 'rank', 'seed', 'trainMlp', 'trainAttention', 'trainUnembed']);
      const { baseModel, rank, seed = 0 } = given;
      if (!(Number.isInteger(rank) && rank >= 1))
        throw new RangeError(`createModel: rank must be an integer ≥ 1, got ${rank}`);
      if (!Number.isSafeInteger(seed)) throw new RangeError(`createModel: seed must be an integer, got ${seed}`);
      return (await make({ fresh: given }, await dialectOf(baseModel, rank))).model;
    },
    resume: async (path, given = {}) => {
      assertOptions('resume', given, ['optimizer', 'signal']);
      const { baseModel, rank } = await weightsInfo(wire, path, life);
      const source = { path, baseModel, rank, optimizer: given.optimizer ?? true };
      return (await make({ resumed: source }, await dialectOf(baseModel, rank))).model;
    },
    sampler: (source) => {
      if ('baseModel' in source)
        return samplerOf({
          wire,
          life,
          source: { base_model: source.baseModel },
          name: source.baseModel,
          protobuf,
          enter: (work) => work(),
        });
      const owner = [...live.values()].find(({ model }) => source.path.startsWith(`tinker://${model.id}/`));
      if (owner) return owner.samplerAt(source.path);
      return samplerOf({
        wire,
        life,
        source: { model_path: source.path },
        name: source.path,
        protobuf,
        enter: (work) => work(),
      });
    },
    close: async () => {
      signal?.removeEventListener('abort', session.close);
      const models = [...live.values()];
      // What the server keeps after that, it drops with the session.
      await Promise.allSettled(models.map(({ model }) => model.unload()));
      session.close();
    },
  };
}

async function weightsInfo(
  wire: Connection,
  tinkerPath: string,
  signal: AbortSignal,
): Promise<{ baseModel: string; rank: number }> {
  const path = 'weights_info';
  const value = await ask(wire, { path, body: { tinker_path: tinkerPath }, signal });
  const rank = isRecord(value) ? value.lora_rank : undefined;
  if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1)
    throw new ProtocolError(path, 'lora_rank must be an integer ≥ 1');
  return { baseModel: textField(path, value, 'base_model'), rank };
}
