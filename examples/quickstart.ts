/** Question → search tree → step values → DVO. Run it: `node --conditions=@svo/source examples/quickstart.ts` */
import { type Batch, batches, tokenizeTrajectory } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dvoLoss, sftLoss } from '@svo/losses';
import { dvoSearch, sampleTrajectories, search } from '@svo/mcts';
import { blankLineFormat } from '@svo/mdp';
import { causalLm, characterTokenizer, localPolicy, type Params } from '@svo/models';
import { stepLogps, tf, type Uploaded, useBackend } from '@svo/tensor';
import { adamw, copyParams, initialTrainState, train, trainStep } from '@svo/train';
import { mathVerifier } from '@svo/verify';

await useBackend('wasm');
await installKernels();

// A small Llama, one token a character, and sums of three digits to learn, one step at a time.
const tokenizer = { ...characterTokenizer('0123456789+=?\nFinal Aswer:'), padId: 0 };
const sizes = { vocab_size: 32, hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4 };
const lm = causalLm({ model_type: 'llama', ...sizes, initializer_range: 0.1, eos_token_id: tokenizer.eosId });
const worked = Array.from({ length: 120 }, (_, i) => [1 + (i % 5), 1 + ((i >> 2) % 5), 1 + ((i >> 4) % 5)] as const);
const examples = worked.map(([a, b, c]) => {
  const steps = [`${a}+${b}=${a + b}\n\n`, `${a + b}+${c}=${a + b + c}\n\n`, `Final Answer: ${a + b + c}`];
  const row = { prompt: `${a}+${b}+${c}=?\n\n`, steps, credits: [0, 0, 0] };
  return tokenizeTrajectory(row, tokenizer, { scoreDelimiters: true });
});

// SFT until it is right sometimes and wrong often.
type Rows = Uploaded<Batch>; // a batch's arrays as tensors
const optimizer = adamw({ learningRate: 2e-3 });
const logps = (params: Params, { ids, stepIds }: Rows) => lm.tokenLogps(params, ids, { scored: stepIds });
const supervised = trainStep<Batch>((params, rows) => {
  return sftLoss({ policyLogps: logps(params, rows), mask: tf.greaterEqual(rows.stepIds, 0) });
}, optimizer);
let state = initialTrainState(lm.init(1), optimizer);
const order = batches(examples, { batchSize: 16, seed: 1, epochs: 12, padId: 0 });
for await (const step of train(state, order, supervised)) ({ state } = step);

// Search: 80 expansions of 5 steps each; the final answer's ±1 becomes a value for every step.
const question = { id: 'new', prompt: '5+2+5=?\n\n', answer: '12' };
const policy = localPolicy({ lm, params: state.params, tokenizer, format: blankLineFormat, maxTokens: 20, id: 'sft' });
const tree = await search({ question, policy, rules: dvoSearch({ verifier: mathVerifier }), seed: 1 });
const trajectories = sampleTrajectories(tree);
for (const { steps, credits, reward } of trajectories)
  console.log(reward, steps.map((step, t) => `${step.trim()} (${credits[t]!.toFixed(2)})`).join(' → '));

// DVO: every step's log-ratio to the frozen reference moves towards its credit.
const reference = copyParams(state.params);
const valued = trajectories.map((trajectory) => tokenizeTrajectory(trajectory, tokenizer));
const update = trainStep<Batch>((params, rows) => {
  const { credits, mask, stepIds } = rows;
  const of = (from: Params) => stepLogps(logps(from, rows), stepIds, mask.shape[1]!);
  return dvoLoss({ policyLogps: of(params), referenceLogps: of(reference), credits, mask });
}, optimizer);
const again = batches(valued, { batchSize: valued.length, seed: 1, epochs: 5, padId: 0 });
for await (const { report } of train(initialTrainState(state.params, optimizer), again, update))
  console.log(`update ${report.step}: DVO loss ${report.loss.toFixed(4)}`);
