/**
 * Search → step values → DVO → evaluation, on a model here or on a server. Run it:
 * `node --conditions=@svo/source examples/on-a-server.ts`, with `there` behind it for a server in this process, or with a server's address
 */
import { type Batch, batches, tokenizeTrajectory } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { sftLoss } from '@svo/losses';
import { dvoSearch, sampleTrajectories, searchMany, type Tree } from '@svo/mcts';
import { blankLineFormat, type StepFormat, wholeFormat } from '@svo/mdp';
import { causalLm, characterTokenizer, type Params } from '@svo/models';
import { answerQuestions, defaultSettings, planFor } from '@svo/recipes';
import { tf, useBackend } from '@svo/tensor';
import { tinkerPolicy } from '@svo/tinker';
import { localTinker } from '@svo/tinker/testing';
import { adamw, initialTrainState, stopAfter, train, trainStep } from '@svo/train';
import { mathVerifier } from '@svo/verify';
import { here, there } from './places.ts';

await useBackend('wasm');
await installKernels();

// The base: a small Llama that saw sums of two digits, until it is right sometimes and wrong often.
const tokenizer = { ...characterTokenizer('0123456789+=?\nFinal Aswer:'), padId: 0 };
const sizes = { vocab_size: 32, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4 };
const lm = causalLm({ model_type: 'llama', ...sizes, initializer_range: 0.1, eos_token_id: tokenizer.eosId });
const worked = Array.from({ length: 40 }, (_, i) => [1 + (i % 4), 1 + ((i >> 2) % 4)] as const).map(([a, b]) => {
  const steps = [`${a}+${b}=${a + b}\n\n`, `Final Answer: ${a + b}`];
  const row = { prompt: `${a}+${b}=?\n\n`, steps, credits: [0, 0] };
  return tokenizeTrajectory(row, tokenizer, { scoreDelimiters: true });
});
const optimizer = adamw({ learningRate: 5e-3 });
const supervised = trainStep<Batch>((params, { ids, stepIds }, { host }) => {
  const policyLogps = lm.tokenLogps(params, ids, { scored: host.stepIds });
  return sftLoss({ policyLogps, mask: tf.greaterEqual(stepIds, 0) });
}, optimizer);
let params: Params = lm.init(1);
const order = batches(worked, { batchSize: 20, seed: 1, epochs: 99, padId: 0 });
for await (const { state } of stopAfter(train(initialTrainState(params, optimizer), order, supervised), 60))
  ({ params } = state);
const base = { lm, params, tokenizer };

// The one line that says where: weights here, or a server that holds them.
const place = process.argv[2] ? await there(await serverAt(process.argv[2])) : await here(base);

const question = (a: number, b: number) => ({ id: `${a}+${b}`, prompt: `${a}+${b}=?\n\n`, answer: `${a + b}` });
const questions = Array.from({ length: 16 }, (_, i) => question(1 + (i % 4), 1 + (i >> 2)));
const policy = async (id: string, format: StepFormat, maxTokens: number) =>
  tinkerPolicy({ sampler: await place.sampler(id), tokenizer, format, maxTokens, id });

// The share of right answers.
async function accuracy(id: string): Promise<string> {
  const asked = { policy: await policy(id, wholeFormat, 30), questions, verifier: mathVerifier, samples: 8, seed: 2 };
  let [right, all] = [0, 0];
  for await (const { answers } of answerQuestions(asked))
    for (const { right: is, count } of answers) [right, all] = [right + (is ? count : 0), all + count];
  return `${right} of ${all}`;
}
console.log(`before: ${await accuracy('before')} right`);

// Search: the final answer's ±1 becomes a value for every step.
const trees: Tree[] = [];
const rules = dvoSearch({ verifier: mathVerifier, iterations: 16 });
for await (const record of searchMany({
  questions,
  policy: await policy('search', blankLineFormat, 18),
  rules,
  seed: 1,
}))
  if (record.kind === 'tree') trees[record.index] = record.tree;
const trajectories = trees.flatMap((tree) => sampleTrajectories(tree));
const credits = trajectories.flatMap((each) => each.credits);
console.log(
  `${trajectories.length} trajectories, credits ${credits.reduce((sum, x) => sum + Math.abs(x), 0).toFixed(6)}`,
);

// DVO against the base: every step's log-ratio moves towards its credit.
const settings = { ...defaultSettings.dvo, beta: 1, batchSize: 16, updates: 20 };
const material = { learner: { lm: place.lm, tokenizer }, trees, trajectories, reference: place.reference };
const plan = await planFor('dvo', { ...material, settings, seed: 1 });
for await (const { report } of place.train(plan))
  console.log(`update ${report.step}: DVO loss ${report.loss.toPrecision(8)}`);
console.log(`after: ${await accuracy('after')} right`);
await place.close();
process.exit(0);

/** A server in this process that holds the base, or one that runs elsewhere and has weights of its own. */
async function serverAt(address: string): Promise<{ readonly url: string; readonly baseModel: string }> {
  if (address === 'there') return localTinker({ ...base, baseModel: 'example/sums' });
  const { TINKER_BASE_MODEL: baseModel } = process.env;
  if (!baseModel) throw new RangeError('TINKER_BASE_MODEL must name a model of the server');
  return { url: address, baseModel };
}
