/** Checkpoints on the server. */

import type { Connection } from '../wire/connection.ts';
import { isRecord } from '../wire/detail.ts';
import { PromiseLost, ProtocolError, TinkerHttpError } from '../wire/errors.ts';
import { resultOf } from '../wire/future.ts';
import { ask, Refused, ReplyLost, submit, textField } from '../wire/request.ts';
import type { Requests } from '../wire/requests.ts';
import { wait } from '../wire/wait.ts';

const nameOf = /^[\w-]{1,256}$/;

/** How often to look for a checkpoint whose reply was lost. */
const looks = 5;

export interface Save {
  readonly wire: Connection;
  readonly requests: Requests;
  readonly id: string;
  readonly name: string;
  readonly kind: 'save_weights' | 'save_weights_for_sampler';
  readonly signal: AbortSignal;
}

/**
 * Saves under a name that is not taken, and gives the checkpoint's path. A save changes no weights; where its reply or its
 * result was lost, the server's list says whether it was made.
 * @throws RangeError for a name that is none or is taken; PromiseLost where the list can't say
 */
export async function saveCheckpoint({ wire, id, name, kind, signal }: Save): Promise<string> {
  if (!nameOf.test(name))
    throw new RangeError(`${kind}: name must be of letters, digits, _ and -, got ${JSON.stringify(name.slice(0, 80))}`);
  const before = await listed(wire, id, signal);
  const known = before !== undefined && find(before, name, kind) === undefined;
  if (before !== undefined && !known) throw new RangeError(`${kind}: the name ${name} is taken; choose another`);
  try {
    const body = { model_id: id, path: name };
    const { value } = await submit(wire, { path: kind, body, signal, repeatable: known });
    const result = await resultOf(wire, kind, textField(kind, value, 'request_id'), signal);
    return textField(kind, result, 'path');
  } catch (error) {
    if (error instanceof Refused && !(error.repeated && error.refusal.status === 409)) {
      if (error.refusal.status === 409 && !known)
        throw new RangeError(`${kind}: the name ${name} is taken; choose another`);
      throw error.refusal;
    }
    const lost = error instanceof Refused || error instanceof ReplyLost || error instanceof PromiseLost;
    if (!lost) throw error;
    // It was not there before, so what is there now is ours.
    for (let look = 0; known && look < looks; look++) {
      const path = find((await listed(wire, id, signal)) ?? [], name, kind);
      if (path !== undefined) return path;
      await wait(wire.waits.firstWaitMs * 2 ** look, signal);
    }
    throw error instanceof PromiseLost ? error : new PromiseLost(kind, error.message);
  }
}

interface Listed {
  readonly path: string;
  readonly type: string;
}

/** A model's checkpoints; undefined where the server keeps no list. */
async function listed(wire: Connection, id: string, signal: AbortSignal): Promise<readonly Listed[] | undefined> {
  const path = `training_runs/${encodeURIComponent(id)}/checkpoints`;
  try {
    const value = await ask(wire, { method: 'GET', path, signal });
    if (!isRecord(value) || !Array.isArray(value.checkpoints))
      throw new ProtocolError(path, 'checkpoints must be a list');
    return value.checkpoints.map((entry: unknown) => ({
      path: textField(path, entry, 'tinker_path'),
      type: textField(path, entry, 'checkpoint_type'),
    }));
  } catch (error) {
    if (error instanceof TinkerHttpError && (error.status === 404 || error.status === 405)) return undefined;
    throw error;
  }
}

const find = (list: readonly Listed[], name: string, kind: Save['kind']): string | undefined =>
  list.find(
    ({ path, type }) => path.endsWith(`/${name}`) && type === (kind === 'save_weights' ? 'training' : 'sampler'),
  )?.path;
