/** What each path answers at once, and what it puts into the queue. */
import type { Engine } from './engine.ts';
import { readData } from './jobs.ts';
import type { HeldModel, World } from './world.ts';

/** A status and a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly location?: string;
  /** The path whose result the body is. */
  readonly resultOf?: string;
}

type Body = Readonly<Record<string, unknown>>;

const refuse = (status: number, detail: unknown): Answer => ({ status, body: { detail } });

/** Paths whose requests `(model, seq_id)` names for good, where the server keeps count. */
const counted = new Set(['forward', 'forward_backward', 'optim_step']);

/** Takes one POST that isn't `retrieve_future`. */
export function post(
  world: World,
  engine: Engine,
  path: string,
  body: Body,
  own: { readonly repeats: boolean; readonly baseModel: string; readonly wishes: object },
): Answer {
  switch (path) {
    case 'create_session': {
      if (!Array.isArray(body.tags) || typeof body.sdk_version !== 'string')
        return refuse(422, [{ type: 'missing', loc: ['body', 'tags'], msg: 'Field required', input: body }]);
      const id = `session-${world.next++}`;
      world.sessions[id] = true;
      return { status: 200, body: { type: path, session_id: id, info_message: null } };
    }
    case 'client/config':
      return { status: 200, body: { pjwt_auth_enabled: false, ...own.wishes } };
    case 'session_heartbeat':
      return world.sessions[String(body.session_id)]
        ? { status: 200, body: { type: path } }
        : refuse(404, 'no session');
    case 'create_model':
      return create(world, engine, body, own.baseModel);
    case 'weights_info': {
      const held = world.checkpoints[String(body.tinker_path)];
      if (!held) return refuse(404, 'no such checkpoint');
      return { status: 200, body: { base_model: held.baseModel, is_lora: true, lora_rank: held.rank } };
    }
    case 'asample':
      if ((body.base_model === undefined) === (body.model_path === undefined))
        return refuse(400, 'exactly one of base_model and model_path');
      return accepted(world, path, body);
    case 'save_weights':
    case 'save_weights_for_sampler': {
      const taken = Object.values(world.checkpoints).some(
        (held) => held.model === body.model_id && held.name === body.path,
      );
      const model = world.models[String(body.model_id)];
      if (!model) return refuse(404, 'no such model');
      if (taken || world.queue.some((id) => world.promises[id]?.job.body.path === body.path))
        return refuse(409, 'checkpoint name taken');
      model.used = true;
      return accepted(world, path, body);
    }
    case 'forward':
    case 'forward_backward':
    case 'optim_step':
    case 'load_weights':
    case 'unload_model':
      return ofModel(world, path, body, own.repeats);
    default:
      return refuse(404, 'Not Found');
  }
}

/** Takes one GET. */
export function get(world: World, path: string, baseModel: string, downloads: string): Answer {
  if (path === 'healthz') return { status: 200, body: { status: 'ok' } };
  if (path === 'get_server_capabilities')
    return { status: 200, body: { supported_models: [{ model_name: baseModel, max_context_length: 64 }] } };
  const list = /^training_runs\/([^/]+)\/checkpoints$/.exec(path);
  if (list) {
    const own = Object.entries(world.checkpoints).filter(([, held]) => held.model === list[1]);
    const checkpoints = own.map(([at, { name, type }]) => ({
      checkpoint_id: name,
      checkpoint_type: type,
      tinker_path: at,
    }));
    return { status: 200, body: { checkpoints } };
  }
  const archive = /^training_runs\/([^/]+)\/checkpoints\/([^/]+)\/archive$/.exec(path);
  const at = archive && `tinker://${archive[1]}/sampler_weights/${archive[2]}`;
  if (at && world.checkpoints[at]) return { status: 302, location: `${downloads}?path=${encodeURIComponent(at)}` };
  return refuse(404, 'Not Found');
}

function create(world: World, engine: Engine, body: Body, baseModel: string): Answer {
  const { rank, seed } = (body.lora_config ?? {}) as { rank?: unknown; seed?: unknown };
  if (typeof rank !== 'number')
    return refuse(422, [{ type: 'missing', loc: ['body', 'lora_config', 'rank'], msg: 'Field required', input: body }]);
  if (!world.sessions[String(body.session_id)]) return refuse(404, 'no such session');
  if (body.base_model !== baseModel) return refuse(400, 'no such base model');
  const id = `model-${world.next++}`;
  world.models[id] = {
    id,
    session: String(body.session_id),
    baseModel,
    rank,
    used: false,
    adapters: engine.fresh(rank, Number(seed ?? 0)),
    moments: { counts: {}, first: {}, second: {} },
    gradients: world.leftover?.gradients ?? {},
    data: world.leftover?.data ?? 0,
    steps: 0,
    seen: {},
  };
  world.leftover = undefined;
  return accepted(world, 'create_model', { ...body, id });
}

function ofModel(world: World, path: string, body: Body, repeats: boolean): Answer {
  const model = world.models[String(body.model_id)];
  if (!model) return refuse(404, 'no such model');
  if (path === 'load_weights' && model.used) return refuse(400, 'LoadWeights is not permitted after other requests');
  const input = body.forward_input ?? body.forward_backward_input;
  if (input !== undefined) {
    const wrong = problemOf(input);
    if (wrong !== undefined) return refuse(422, [{ type: 'value_error', loc: ['body', 'data'], msg: wrong, input }]);
  }
  model.used = true;
  if (!repeats || !counted.has(path) || typeof body.seq_id !== 'number') return accepted(world, path, body);
  return once(world, model, path, body, body.seq_id);
}

/** The same request under the same number is the same promise; another one is refused. */
function once(world: World, model: HeldModel, path: string, body: Body, seqId: number): Answer {
  const text = `${path}:${JSON.stringify(body)}`;
  const before = model.seen[seqId];
  if (before)
    return before.body === text
      ? { status: 200, body: { future_id: before.request, status: 'pending', request_id: before.request } }
      : refuse(409, 'Training request sequence number was reused');
  const answer = accepted(world, path, body);
  model.seen[seqId] = { request: (answer.body as { request_id: string }).request_id, body: text };
  return answer;
}

function problemOf(input: unknown): string | undefined {
  const data = readData(input);
  if (data.length === 0) return 'data must not be empty';
  const uneven = data.some(({ tokens, targets, inputs }) =>
    [targets, ...Object.values(inputs)].some((values) => values.length !== tokens.length),
  );
  return uneven ? 'every array must be as long as the input' : undefined;
}

function accepted(world: World, path: string, body: Body): Answer {
  const id = String(world.next++);
  world.promises[id] = { job: { path, body }, state: 'queued', handedOut: false };
  world.queue.push(id);
  return { status: 200, body: { future_id: id, status: 'pending', request_id: id } };
}
