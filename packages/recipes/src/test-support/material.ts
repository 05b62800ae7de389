/** Three questions with three answers each, and the small model that learns from them. */
import { drawnTrajectories, prefixTree } from '@svo/mcts';
import { type Draw, promptIds, type ValuedTrajectory } from '@svo/mdp';
import { type CausalLm, causalLm, type Params, wordTokenizer } from '@svo/models';
import { tf } from '@svo/tensor';
import { mathVerifier } from '@svo/verify';
import type { Learner, Material, Settings } from '../plan.ts';

export const tokenizer: Learner['tokenizer'] = {
  ...wordTokenizer({ words: ['\n\n', 'Final Answer: ', ...'0123456789+=?'], pattern: '\n\n|Final Answer: |[\\s\\S]' }),
  padId: 0,
};
export const lm: CausalLm = causalLm({
  model_type: 'llama',
  vocab_size: 20,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  initializer_range: 0.2,
  ...(tokenizer.eosId !== undefined && { eos_token_id: tokenizer.eosId }),
});
const learner: Learner = { lm, tokenizer };

/** Three questions, each answered three times: right by steps, wrong in the first step, wrong in the answer. */
const trees = [1, 2, 3].map((n) => {
  const [twice, all] = [n + n, n + n + 1];
  const answers = [
    [`${n}+${n}=${twice}\n\n`, `${twice}+1=${all}\n\n`, `Final Answer: ${all}`],
    [`${n}+${n}=${twice + 1}\n\n`, `${twice + 1}+1=${all + 1}\n\n`, `Final Answer: ${all + 1}`],
    [`${n}+${n}=${twice}\n\n`, `${twice}+1=${all}\n\n`, `Final Answer: ${n}`],
  ];
  const question = { id: `q${n}`, prompt: `${n}+${n}+1=?\n\n`, answer: String(all) };
  const responses = answers.map((steps) => ({ steps, finished: true }));
  return prefixTree(question, responses, { verifier: mathVerifier });
});
export const trajectories: readonly ValuedTrajectory[] = trees.flatMap((tree) => drawnTrajectories(tree));

/** Material whose reference is here. */
export type LocalMaterial = Material & { readonly reference: Params };

export const material = (settings: Partial<Settings> = {}): LocalMaterial => {
  const reference = lm.init(1);
  return {
    learner,
    trees,
    trajectories: trajectories.map((one) => ({ ...one, draws: drawsBy(reference, one) })),
    reference,
    settings: { beta: 0.1, learningRate: 1e-2, batchSize: 2, updates: 6, ...settings },
    seed: 7,
  };
};

/** The tokens of each step, and what some weights say of them. */
const drawsBy = (params: Params, { prompt, steps }: ValuedTrajectory): Draw[] => {
  const before = promptIds(tokenizer, tokenizer.encode(prompt));
  const tokens = steps.map((step) => tokenizer.encode(step));
  const ids = [...before, ...tokens.flat()];
  const logps = tf.tidy(() => lm.tokenLogps(params, tf.tensor2d([ids], [1, ids.length], 'int32')).dataSync());
  let end = before.length;
  return tokens.map((tokenIds) => {
    end += tokenIds.length;
    return { tokenIds, logps: [...logps.subarray(end - tokenIds.length, end)] };
  });
};
