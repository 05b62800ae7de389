import { assertOptions, type StateTokenizer, statePieces } from '@svo/mdp';
import type { StepScore, StepScorer } from '@svo/policy';
import type { TinkerModel } from '../model/model.ts';
import { failureOf } from './failure.ts';

/** A model and its tokenizer. */
export interface TinkerScorerOptions {
  /** Where log-probs come from: a model as it is now. A fresh model gives those of its base, the usual reference. */
  readonly model: Pick<TinkerModel, 'logps'>;
  readonly tokenizer: StateTokenizer;
  /** Names the weights. */
  readonly id: string;
}

/**
 * Scores the steps of given states by a model on a server: log π(a_t | s_t), summed over each step's tokens. All states of a call go in one
 * pass (in chunks, where they are many).
 *
 * @example
 * ```ts
 * import { tinkerScorer, tinkerService } from '@svo/tinker';
 * import { localTinker } from '@svo/tinker/testing';
 * const server = await localTinker();
 * const service = await tinkerService({ baseUrl: server.url });
 * const model = await service.createModel({ baseModel: server.baseModel, rank: 4 });
 * const scorer = tinkerScorer({ model, tokenizer: server.tokenizer, id: 'base' });
 * const state = { questionId: 'q', steps: ['1+2=3\n', 'Answer: 3'] };
 * const [score] = await scorer.score([{ question: { id: 'q', prompt: '1+2=?\n' }, state }]);
 * [score!.logps.length, score!.tokens]; // => [2, 15]
 * await service.close();
 * await server.close();
 * ```
 */
export function tinkerScorer(options: TinkerScorerOptions): StepScorer {
  assertOptions('tinkerScorer', options, ['model', 'tokenizer', 'id']);
  const { model, tokenizer, id } = options;
  const piecesOf = statePieces(tokenizer);
  return {
    id,
    score: async (requests, signal) => {
      if (requests.length === 0) return [];
      const tokens = requests.map((request) => tokensOf(piecesOf(request)));
      try {
        // A state of one token has no log-prob to ask for.
        const asked = tokens.filter(({ ids }) => ids.length > 1);
        const rows = asked.map(({ ids }) => ids);
        const logps = rows.length === 0 ? [] : await model.logps(rows, { ...(signal && { signal }) });
        return tokens.map((state) => scoreOf(state, logps[asked.indexOf(state)] ?? new Float32Array(state.ids.length)));
      } catch (error) {
        const failure = failureOf(error, signal);
        return requests.map(() => ({ logps: [], tokens: 0, failure }));
      }
    },
  };
}

/** A state's ids, and how many of them the prompt has, and each step. */
interface StateTokens {
  readonly ids: readonly number[];
  readonly lengths: readonly number[];
}

const tokensOf = (pieces: readonly (readonly number[])[]): StateTokens => ({
  ids: pieces.flat(),
  lengths: pieces.map(({ length }) => length),
});

function scoreOf({ lengths: [prompt, ...steps] }: StateTokens, logps: Float32Array): StepScore {
  let at = prompt!;
  const sums = steps.map((length) => {
    const step = logps.subarray(at, at + length);
    at += length;
    return step.reduce((sum, logp) => sum + logp, 0);
  });
  return { logps: sums, tokens: at - prompt! };
}
