/** What a server does, found out on a throwaway model. */
import { adamParams } from '../model/adam.ts';
import { checkedRows } from '../model/datum.ts';
import { encodeForward } from '../passes/encoding.ts';
import { json } from '../passes/json.ts';
import { logpsOf } from '../passes/outputs.ts';
import { forward, passOrders, stepOrder, type Wording } from '../passes/passes.ts';
import { protobuf } from '../passes/protobuf.ts';
import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { PromiseLost, ProtocolError, TinkerHttpError, TinkerRequestFailed } from '../wire/errors.ts';
import { resultOf } from '../wire/future.ts';
import { freshPaper } from '../wire/paper.ts';
import { ask, jsonOf, plain, Refused, ReplyLost, submit, textField } from '../wire/request.ts';
import { requestsOf } from '../wire/requests.ts';
import { newModelId } from './create-model.ts';
import type { Dialect } from './dialect.ts';
import { type Probed, probeReduction } from './probe.ts';
import type { ServerConfig } from './server-config.ts';

const probeRow = checkedRows('probe', [[1, 2, 3]]);

/** Fills in what a dialect leaves open, on models that are unloaded again. Every gradient is stepped with: what is left would be in a later model. */
export async function learnDialect({
  dialect,
  baseModel,
  rank,
  config,
  ...place
}: {
  readonly wire: Connection;
  readonly life: AbortSignal;
  readonly sessionId: string;
  readonly nextSerial: () => number;
  readonly baseModel: string;
  readonly rank: number;
  readonly dialect: Dialect;
  readonly config: ServerConfig;
}): Promise<Required<Dialect>> {
  const { wire, life: signal } = place;
  const made: string[] = [];
  const fresh = async (): Promise<string> => {
    const options = { baseModel, rank, seed: 0 };
    const id = await newModelId({ ...place, serial: place.nextSerial(), options });
    made.push(id);
    return id;
  };
  try {
    const id = await fresh();
    const takesProtobuf = dialect.protobuf ?? (await speaksProtobuf(wire, id, config, signal));
    const wording = { format: takesProtobuf ? protobuf : json, paper: freshPaper, ...config };
    const repeats = await knowsRepeats(wire, id, wording, signal);
    const probed = async (): Promise<Probed> => probedModel(wire, await fresh(), repeats, wording, signal);
    const reduction = dialect.reduction ?? (await probeReduction(probed));
    if (reduction === undefined)
      throw new ProtocolError(
        'forward_backward',
        'its update follows no gradient that this client can ask for, so training with it would be wrong (if its reduction is known, give dialect.reduction)',
      );
    const { samplersAreCopies = false } = dialect;
    return { reduction, repeats: dialect.repeats ?? repeats, protobuf: takesProtobuf, samplersAreCopies };
  } finally {
    for (const id of made)
      await ask(wire, { path: 'unload_model', body: { model_id: id }, signal }).catch(() => undefined);
  }
}

/**
 * Sends one forward pass as protobuf, once. A server that takes it must answer with log-probs of the right number; whatever else
 * comes means JSON, which every server speaks.
 */
async function speaksProtobuf(
  wire: Connection,
  id: string,
  config: ServerConfig,
  signal: AbortSignal,
): Promise<boolean> {
  const [one] = passOrders(
    'forward',
    { format: protobuf, paper: freshPaper, ...config, id, signal },
    encodeForward(probeRow),
  );
  const { path, body, reading } = one!.order;
  const { timeoutMs } = wire.waits;
  try {
    const reply = await wire.send({ method: 'POST', path, body: await body(1), signal, timeoutMs });
    const value = reply.status === 200 ? jsonOf(path, reply) : undefined;
    if (!isRecord(value) || typeof value.request_id !== 'string') return false;
    logpsOf(path, await resultOf(wire, path, value.request_id, signal, reading), one!.lengths);
    return true;
  } catch (error) {
    const told = [ProtocolError, TinkerHttpError, TinkerRequestFailed, PromiseLost].some(
      (kind) => error instanceof kind,
    );
    if (told) return false;
    throw error;
  }
}

/** Sends one forward pass twice under one `seq_id`: a server that keeps count gives both the same request. */
async function knowsRepeats(wire: Connection, id: string, wording: Wording, signal: AbortSignal): Promise<boolean> {
  const [one] = passOrders('forward', { ...wording, id, signal }, encodeForward(probeRow));
  const { path, body, reading } = one!.order;
  const once = async (): Promise<string> => {
    const { value } = await submit(wire, { path, body: await body(2), signal, repeatable: true });
    return textField(path, value, 'request_id');
  };
  try {
    const first = await once();
    const second = await once().catch((error: unknown) => {
      if (error instanceof Refused) return undefined;
      throw error;
    });
    await resultOf(wire, path, first, signal, reading);
    if (second !== undefined && second !== first) await resultOf(wire, path, second, signal, reading);
    return second === first;
  } catch (error) {
    throw error instanceof Refused || error instanceof ReplyLost ? plain(error) : error;
  }
}

function probedModel(wire: Connection, id: string, repeats: boolean, wording: Wording, signal: AbortSignal): Probed {
  const requests = requestsOf(wire, id, repeats);
  return {
    logps: (rows) => forward({ requests, id, rows, signal, ...wording }),
    step: async (parts, adam) => {
      for (const part of parts)
        for (const { order } of passOrders('forward_backward', { id, signal, ...wording }, part))
          await (await requests.change(order)).result();
      await (await requests.change(stepOrder(id, adamParams('probe', adam), signal))).result();
    },
  };
}
