/** Where a model is trained: here, or on a server that speaks the Tinker API. What is done with it is the same. */
import { applyLora, type CausalLm, generate, initLora, type Params, type Tokenizer } from '@svo/models';
import type { FrozenModel, Plan, ScoringModel } from '@svo/recipes';
import { type Sampler, tinkerService, tinkerStart, tinkerStep } from '@svo/tinker';
import { adamw, copyParams, initialTrainState, type Run, stopAfter, train, trainStep } from '@svo/train';

/** A model to begin with, and the adapters to train on it. */
export interface Base {
  readonly lm: CausalLm;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
}
const [rank, seed, adam] = [8, 1, { learningRate: 5e-4, weightDecay: 0 }];

export interface Place {
  readonly lm: ScoringModel;
  readonly reference: Params | FrozenModel;
  /** Draws from the weights as they are now. */
  readonly sampler: (name: string) => Promise<Pick<Sampler, 'sample'>>;
  readonly train: (plan: Plan<object>) => Run;
  readonly close: () => Promise<void>;
}

/** LoRA adapters on weights that are here. */
export async function here({ lm, params, tokenizer }: Base): Promise<Place> {
  const settings = { rank, alpha: 32 };
  const adapted = applyLora(lm, settings);
  const optimizer = adamw(adam);
  let state = initialTrainState(initLora(lm, settings, seed), optimizer);
  const trained: ScoringModel = {
    tokenLogps: (own, ids, options) => adapted.tokenLogps({ ...params, ...own }, ids, options),
  };
  return {
    lm: trained,
    reference: copyParams(state.params),
    // As a server draws: sample i of seed s is sample 0 of seed s + i.
    sampler: async () => ({
      sample: async (prompt, { samples = 1, seed: first = 0, stop = [], maxTokens, temperature = 1 }) => {
        const prompts = Array.from({ length: samples }, () => prompt);
        const seeds = prompts.map((_, i) => first + i);
        const stops = {
          stopIds: stop.filter((one) => typeof one === 'number'),
          stop: stop.filter((one) => typeof one === 'string'),
        };
        const options = { maxTokens, temperature, seed: seeds, tokenizer, ...stops };
        const drawn = await generate(adapted, { ...params, ...state.params }, prompts, options);
        return drawn.map(([one]) => ({ ...one!, finish: one!.finish === 'length' ? 'length' : 'stop' }));
      },
    }),
    train: async function* (plan) {
      const steps = train(state, plan.batches(), trainStep(plan.loss, optimizer));
      for await (const step of stopAfter(steps, state.step + plan.updates)) {
        ({ state } = step);
        yield step;
      }
    },
    close: async () => {},
  };
}

/** LoRA adapters on a server; `baseModel` is the name it knows the weights by. */
export async function there(server: { readonly url: string; readonly baseModel: string }): Promise<Place> {
  const { TINKER_API_KEY: apiKey } = process.env;
  const service = await tinkerService({ baseUrl: server.url, ...(apiKey ? { apiKey } : {}) });
  const lm = await service.createModel({ baseModel: server.baseModel, rank, seed });
  return {
    lm,
    reference: service.sampler({ baseModel: server.baseModel }),
    sampler: (name) => lm.sampler(name),
    train: (plan) => stopAfter(train(tinkerStart(), plan.batches(), tinkerStep(lm, plan.loss, adam)), plan.updates),
    close: service.close,
  };
}
