import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Policy, StepFormat } from '@svo/mdp';
import { loadTokenizer, localPolicy, type Tokenizer, weightsDigest } from '@svo/models';
import { openaiPolicy, withConcurrency, withRetry } from '@svo/policy';
import { type LoadedLearner, loadLearner } from '@svo/recipes';
import { tf } from '@svo/tensor';
import { type Sampler, type TinkerService, tinkerPolicy, tinkerService } from '@svo/tinker';
import { UsageError } from '../errors.ts';
import type { ServerPlan } from '../plans/server-plan.ts';
import type { Place, TinkerPlace } from './place.ts';
import { servedName } from './served-name.ts';

/** How a policy draws. */
export interface Drawing {
  readonly format: StepFormat;
  readonly maxTokens: number;
  readonly temperature: number;
  /** Names weights and settings of a model that is here. */
  readonly id: string;
}

/** Someone who answers, before it is said what a step is. */
export interface OpenedModel {
  /** Of a model that is here, or a Tinker server's. */
  readonly tokenizer: Tokenizer | undefined;
  /** The weights, where they are here. */
  readonly loaded: LoadedLearner | undefined;
  readonly policy: (drawing: Drawing) => Policy;
  readonly close: () => Promise<void>;
}

/** What a server is asked by, and with whose system message. */
export interface Asking {
  readonly server: ServerPlan;
  readonly system?: string | undefined;
}

/** Opens whatever a configuration calls its model or policy. */
export function openModel(place: Place, asking: Asking): Promise<OpenedModel> {
  if (place.kind === 'openai') return openServer(place.url, asking);
  if (place.kind === 'tinker') return openTinker(place, asking);
  return loadLearner(place.path).then(openLoaded);
}

/** Weights that are here. */
export async function openLoaded(loaded: LoadedLearner): Promise<OpenedModel> {
  const { learner, params } = loaded;
  // A policy cannot look at weights on a GPU by itself.
  const seen = tf.getBackend() === 'webgpu' ? `-${await weightsDigest(params)}` : '';
  return {
    ...{ tokenizer: learner.tokenizer, loaded },
    policy: (drawing) => localPolicy({ ...learner, params, ...drawing, id: drawing.id + seen }),
    close: async () => {},
  };
}

const keyOf = (name: string): { apiKey: string } | object => {
  const key = process.env[name];
  return key === undefined || key === '' ? {} : { apiKey: key };
};

async function openServer(url: string, { server, system }: Asking): Promise<OpenedModel> {
  const { keyFrom, endpoint, logps, concurrency, timeoutS } = server;
  const key = keyOf(keyFrom);
  const model = server.name ?? (await servedName(url, (key as { apiKey?: string }).apiKey));
  const reach = { url, model, endpoint, logps, timeoutMs: 1000 * timeoutS, ...key };
  const chat = endpoint === 'chat' && system !== undefined ? { system } : {};
  return {
    ...{ tokenizer: undefined, loaded: undefined },
    policy: ({ format, maxTokens, temperature }) =>
      withConcurrency(withRetry(openaiPolicy({ ...reach, ...chat, format, maxTokens, temperature })), concurrency),
    close: async () => {},
  };
}

/** A session on a server that holds models, and the tokenizer that its ids are of. */
export interface ReachedServer {
  readonly service: TinkerService;
  readonly tokenizer: Tokenizer;
}

/** @throws UsageError where nothing says which ids the server takes */
export async function reachTinker({ url, baseModel }: TinkerPlace, server: ServerPlan): Promise<ReachedServer> {
  const { keyFrom, tokenizer: folder } = server;
  if (folder === undefined || !existsSync(join(folder, 'tokenizer.json')))
    throw new UsageError(
      `server.tokenizer must be a folder with the tokenizer.json of ${baseModel}, got ${folder === undefined ? 'nothing' : `'${folder}'`} (a Tinker server takes token ids)`,
    );
  const tokenizer = await loadTokenizer(folder);
  return { tokenizer, service: await tinkerService({ baseUrl: url, ...keyOf(keyFrom) }) };
}

async function openTinker(place: TinkerPlace, { server }: Asking): Promise<OpenedModel> {
  const { service, tokenizer } = await reachTinker(place, server);
  const opened = openSampler(service.sampler({ baseModel: place.baseModel }), tokenizer, server);
  return { ...opened, close: service.close };
}

/** Weights on a server. */
export function openSampler(sampler: Sampler, tokenizer: Tokenizer, { concurrency }: ServerPlan): OpenedModel {
  return {
    ...{ tokenizer, loaded: undefined },
    policy: (drawing) => withConcurrency(withRetry(tinkerPolicy({ sampler, tokenizer, ...drawing })), concurrency),
    close: async () => {},
  };
}
