/** Question → search tree → step values → one DVO update. Run it: `node --conditions=@svo/source examples/quickstart.ts` */
import { batches, tokenizeTrajectory } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dvoLoss, sftLoss } from '@svo/losses';
import { dvoSearch, sampleTrajectories, search } from '@svo/mcts';
import { blankLineFormat } from '@svo/mdp';
import { causalLm, characterTokenizer, localPolicy, type Params } from '@svo/models';
import { stepLogps, tf, useBackend } from '@svo/tensor';
import { adamw, copyParams, initialTrainState, train, trainStep } from '@svo/train';
import { mathVerifier } from '@svo/verify';

console.log(`on ${(await useBackend('wasm')).device}, ${(await installKernels()).kernels.length} fused kernels`);

// A small Llama, and the questions it will know: sums of three digits, one step at a time.
const tokenizer = { ...characterTokenizer('0123456789+=?\nFinal Aswer:'), padId: 0 };
const shape = {
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  initializer_range: 0.1,
};
const lm = causalLm({ model_type: 'llama', vocab_size: 32, eos_token_id: tokenizer.eosId, ...shape });
const work = (a: number, b: number, c: number) => ({
  prompt: `${a}+${b}+${c}=?\n\n`,
  steps: [`${a}+${b}=${a + b}\n\n`, `${a + b}+${c}=${a + b + c}\n\n`, `Final Answer: ${a + b + c}`],
  credits: [0, 0, 0],
});
const digits = [1, 2, 3, 4, 5];
const known = digits
  .flatMap((a) => digits.flatMap((b) => digits.map((c) => work(a, b, c))))
  .filter((_, i) => i % 3 > 0);

// SFT until it is right sometimes and wrong often.
type Rows = { readonly ids: tf.Tensor; readonly stepIds: tf.Tensor };
const tokenLogps = (params: Params, { ids, stepIds }: Rows) => lm.tokenLogps(params, ids, { scored: stepIds });
const sft = adamw({ learningRate: 3e-3 });
const supervised = trainStep(
  (params, rows: Rows) => sftLoss({ policyLogps: tokenLogps(params, rows), mask: tf.greaterEqual(rows.stepIds, 0) }),
  sft,
);
const examples = known.map((row) => tokenizeTrajectory(row, tokenizer, { scoreDelimiters: true }));
let state = initialTrainState(lm.init(1), sft);
for await (const step of train(state, batches(examples, { batchSize: 16, seed: 1, epochs: 14, padId: 0 }), supervised))
  ({ state } = step);

// Search: 80 expansions of 5 steps each; the final answer's ±1 becomes a value for every step.
const question = { id: 'unseen', prompt: '1+5+4=?\n\n', answer: '10' };
const policy = localPolicy({ lm, params: state.params, tokenizer, format: blankLineFormat, maxTokens: 20, id: 'sft' });
const tree = await search({ question, policy, rules: dvoSearch({ verifier: mathVerifier }), seed: 1 });
const trajectories = sampleTrajectories(tree);
for (const { steps, credits, reward } of trajectories)
  console.log(
    reward > 0 ? 'right' : 'wrong',
    steps.map((step, t) => `${step.trim()} (${credits[t]!.toFixed(2)})`).join(' → '),
  );

// DVO: every step's log-ratio to the frozen reference moves towards its credit.
const reference = copyParams(state.params);
const valued = trajectories.map((trajectory) => tokenizeTrajectory(trajectory, tokenizer));
const [batch] = batches(valued, { batchSize: valued.length, seed: 1, padId: 0 });
const steps = batch!.mask.shape[1]!;
const optimizer = adamw({ learningRate: 3e-4 });
const update = trainStep((params, rows: Rows & { readonly credits: tf.Tensor; readonly mask: tf.Tensor }) => {
  const logps = (from: Params) => stepLogps(tokenLogps(from, rows), rows.stepIds, steps);
  return dvoLoss({
    policyLogps: logps(params),
    referenceLogps: logps(reference),
    credits: rows.credits,
    mask: rows.mask,
  });
}, optimizer);
for await (const { report } of train(initialTrainState(state.params, optimizer), Array(5).fill(batch), update))
  console.log(`update ${report.step}: DVO loss ${report.loss.toFixed(4)}`);
process.exit(0);
