/** Accepted work, run in the order it came. */
import { type Engine, EngineError, type ReadDatum } from './engine.ts';
import { copyArrays, copyMoments, type HeldModel, type Job, type World } from './world.ts';

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const numbers = (value: unknown): number[] =>
  Array.isArray(fields(value).data) ? (fields(value).data as number[]) : [];

/** A request's data. */
export function readData(input: unknown): ReadDatum[] {
  const { data } = fields(input);
  return (Array.isArray(data) ? data : []).map((datum: unknown) => {
    const { model_input: modelInput, loss_fn_inputs: given } = fields(datum);
    const { chunks } = fields(modelInput);
    const tokens = (chunks as Fields[]).flatMap((chunk) => chunk.tokens as number[]);
    const { target_tokens: targets, ...inputs } = fields(given);
    return {
      tokens,
      targets: numbers(targets),
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, numbers(value)])),
    };
  });
}

/** Runs one job; what it throws as EngineError is the promise's failure. */
export async function runJob(
  world: World,
  engine: Engine,
  { path, body }: Job,
  alive: { readonly shared: boolean; readonly leftovers: boolean },
): Promise<object> {
  const model = (): HeldModel => {
    const held = world.models[String(body.model_id)];
    if (!held) throw new EngineError('the model is not there any more');
    return held;
  };
  switch (path) {
    case 'create_model': {
      const { id } = body as { id: string };
      return { model_id: id, type: 'create_model' };
    }
    case 'forward': {
      const input = fields(body.forward_input);
      return outputs(engine.forward(model(), readData(input)));
    }
    case 'forward_backward': {
      const input = fields(body.forward_backward_input);
      const config = fields(input.loss_fn_config) as Record<string, number>;
      return outputs(engine.backward(model(), readData(input), String(input.loss_fn), config));
    }
    case 'optim_step':
      engine.step(model(), fields(body.adam_params) as Record<string, number>);
      return { metrics: { 'local/steps': model().steps } };
    case 'save_weights':
    case 'save_weights_for_sampler':
      return save(world, model(), path, String(body.path));
    case 'load_weights': {
      const held = world.checkpoints[String(body.path)];
      if (held?.type !== 'training') throw new EngineError('no such checkpoint');
      const target = model();
      target.adapters = copyArrays(held.adapters);
      if (body.optimizer !== false) target.moments = copyMoments(held.moments);
      return { type: 'load_weights' };
    }
    case 'unload_model':
      // The trap: a slot's gradient stays when its model goes.
      if (alive.leftovers) world.leftover = { gradients: model().gradients, data: model().data };
      delete world.models[String(body.model_id)];
      return { model_id: body.model_id, status: 'unloaded', type: 'unload_model' };
    default:
      return sample(world, engine, body, alive.shared);
  }
}

function outputs(logps: readonly Float32Array[]): object {
  const tensor = (data: Float32Array): object => ({ data: Array.from(data), dtype: 'float32', shape: [data.length] });
  return {
    loss_fn_output_type: 'scalar',
    loss_fn_outputs: logps.map((row) => ({ logprobs: tensor(row), elementwise_loss: tensor(row.map((x) => -x)) })),
    metrics: {},
  };
}

function save(world: World, model: HeldModel, path: string, name: string): object {
  const type = path === 'save_weights' ? 'training' : 'sampler';
  const at = `tinker://${model.id}/${type === 'training' ? 'weights' : 'sampler_weights'}/${name}`;
  const { id, baseModel, rank, adapters, moments } = model;
  world.checkpoints[at] = {
    model: id,
    baseModel,
    rank,
    name,
    type,
    adapters: copyArrays(adapters),
    moments: copyMoments(moments),
  };
  return { path: at, type: path };
}

async function sample(world: World, engine: Engine, body: Fields, shared: boolean): Promise<object> {
  const held = body.model_path === undefined ? undefined : world.checkpoints[String(body.model_path)];
  if (body.model_path !== undefined && held === undefined) throw new EngineError('no such checkpoint');
  // The trap: sampling an older checkpoint of a live model puts its weights into the live model.
  const live = held && world.models[held.model];
  if (shared && held && live) live.adapters = copyArrays(held.adapters);
  const params = fields(body.sampling_params) as Record<string, number> & { stop?: unknown };
  const prompt = (fields(body.prompt).chunks as Fields[]).flatMap((chunk) => chunk.tokens as number[]);
  const stops = Array.isArray(params.stop) ? params.stop : [];
  const count = Number(body.num_samples ?? 1);
  // Sample i of seed s is sample 0 of seed s + i.
  const prompts = Array.from({ length: count }, () => prompt);
  const drawn = await engine.sample(held?.rank ?? 1, held?.adapters ?? {}, prompts, {
    maxTokens: params.max_tokens ?? 1,
    temperature: params.temperature ?? 1,
    ...(params.top_k !== undefined && params.top_k > 0 && { topK: params.top_k }),
    ...(params.top_p !== undefined && { topP: params.top_p }),
    seed: prompts.map((_, i) => (params.seed ?? 0) + i),
    stopIds: stops.filter((stop): stop is number => typeof stop === 'number'),
    stop: stops.filter((stop): stop is string => typeof stop === 'string'),
  });
  const promptLogps = (): number[] => {
    const datum = { tokens: prompt.slice(0, -1), targets: prompt.slice(1), inputs: {} };
    const model = { rank: held?.rank ?? 1, adapters: held?.adapters ?? {} } as HeldModel;
    return Array.from(engine.forward(model, [datum])[0]!);
  };
  return {
    type: 'sample',
    sequences: drawn.map(([one]) => ({
      tokens: one!.ids,
      logprobs: one!.logps,
      stop_reason: one!.finish === 'length' ? 'length' : 'stop',
    })),
    ...(body.prompt_logprobs === true && { prompt_logprobs: promptLogps() }),
  };
}
