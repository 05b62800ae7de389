/** What a server does, found out on a throwaway model. */
import { adamParams } from '../model/adam.ts';
import { passBody } from '../model/bodies.ts';
import { encodeForward } from '../model/encoding.ts';
import { forward } from '../model/passes.ts';
import { requestsOf } from '../model/requests.ts';
import type { Connection } from '../wire/connection.ts';
import { ProtocolError } from '../wire/errors.ts';
import { resultOf } from '../wire/future.ts';
import { ask, plain, Refused, ReplyLost, submit, textField } from '../wire/request.ts';
import { newModelId } from './create-model.ts';
import type { Dialect } from './dialect.ts';
import { type Probed, probeReduction } from './probe.ts';

/** Fills in what a dialect leaves open. Every gradient it makes is stepped with: what is left would be in a later model. */
export async function learnDialect({
  dialect,
  baseModel,
  rank,
  ...place
}: {
  readonly wire: Connection;
  readonly life: AbortSignal;
  readonly sessionId: string;
  readonly serial: number;
  readonly baseModel: string;
  readonly rank: number;
  readonly dialect: Dialect;
}): Promise<Required<Dialect>> {
  const { wire, life: signal } = place;
  const id = await newModelId({ ...place, options: { baseModel, rank, seed: 0 } });
  try {
    const repeats = await knowsRepeats(wire, id, signal);
    const reduction = dialect.reduction ?? (await probeReduction(probedModel(wire, id, repeats, signal)));
    if (reduction === undefined)
      throw new ProtocolError(
        'forward_backward',
        'its update follows no gradient that this client can ask for, so training with it would be wrong (if its reduction is known, give dialect.reduction)',
      );
    const { samplersAreCopies = false } = dialect;
    return { reduction, repeats: dialect.repeats ?? repeats, samplersAreCopies };
  } finally {
    await ask(wire, { path: 'unload_model', body: { model_id: id }, signal }).catch(() => undefined);
  }
}

/** Sends one forward pass twice under one `seq_id`: a server that keeps count gives both the same request. */
async function knowsRepeats(wire: Connection, id: string, signal: AbortSignal): Promise<boolean> {
  const path = 'forward';
  const encoded = encodeForward([[1, 2, 3]]);
  const body = passBody(id, path, encoded, encoded.data)(1);
  const once = async (): Promise<string> => {
    const { value } = await submit(wire, { path, body, signal, repeatable: true });
    return textField(path, value, 'request_id');
  };
  try {
    const first = await once();
    const second = await once().catch((error: unknown) => {
      if (error instanceof Refused) return undefined;
      throw error;
    });
    await resultOf(wire, path, first, signal);
    if (second !== undefined && second !== first) await resultOf(wire, path, second, signal);
    return second === first;
  } catch (error) {
    throw error instanceof Refused || error instanceof ReplyLost ? plain(error) : error;
  }
}

function probedModel(wire: Connection, id: string, repeats: boolean, signal: AbortSignal): Probed {
  const requests = requestsOf(wire, id, repeats, 2);
  return {
    logps: (rows) => forward({ requests, id, rows, signal }),
    step: async (parts, adam) => {
      const params = adamParams('probe', adam);
      for (const part of parts) {
        const body = passBody(id, 'forward_backward', part, part.data);
        await (await requests.change({ path: 'forward_backward', body, signal })).result();
      }
      const body = (seqId: number): object => ({ model_id: id, seq_id: seqId, adam_params: params });
      await (await requests.change({ path: 'optim_step', body, signal })).result();
    },
  };
}
