/** Search → step values → DVO → evaluation on a server that holds the model. Run it: `node --conditions=@svo/source examples/on-a-server.ts` */
import { type Batch, batches, tokenizeTrajectory } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dvoLoss, sftLoss } from '@svo/losses';
import { dvoSearch, sampleTrajectories, search } from '@svo/mcts';
import { blankLineFormat } from '@svo/mdp';
import { stepLogps, tf, useBackend } from '@svo/tensor';
import { tinkerPolicy, tinkerService, tinkerStart, tinkerStep } from '@svo/tinker';
import { localTinker } from '@svo/tinker/testing';
import { train } from '@svo/train';
import { mathVerifier } from '@svo/verify';

await useBackend('wasm');
await installKernels();

// The one line that says where: a small model in this process, or `{ url, baseModel, tokenizer }` of a server.
const server = await localTinker();

const { baseModel, tokenizer } = server;
const service = await tinkerService({ baseUrl: server.url, apiKey: process.env.TINKER_API_KEY ?? 'tml-none' });
const model = await service.createModel({ baseModel, rank: 32, seed: 1 });

// Sums of two digits, one step at a time; SFT until it is right sometimes and wrong often.
const sums = Array.from({ length: 40 }, (_, i) => [1 + (i % 4), 1 + ((i >> 2) % 4)] as const);
const examples = sums.map(([a, b]) => {
  const row = {
    prompt: `${a}+${b}=?\n\n`,
    steps: [`${a}+${b}=${a + b}\n\n`, `Final Answer: ${a + b}`],
    credits: [0, 0],
  };
  return tokenizeTrajectory(row, tokenizer, { scoreDelimiters: true });
});
const supervised = tinkerStep<Batch>(
  model,
  (params, { ids, stepIds }) =>
    sftLoss({ policyLogps: model.tokenLogps(params, ids), mask: tf.greaterEqual(stepIds, 0) }),
  { learningRate: 5e-3, weightDecay: 0 },
);
const order = batches(examples, { batchSize: 20, seed: 1, epochs: 150, padId: 0 });
for await (const { report } of train(tinkerStart(), order, supervised))
  if (report.step % 100 === 0) console.log(`SFT ${report.step}: loss ${report.loss.toFixed(4)}`);

// Search: the final answer's ±1 becomes a value for every step.
const question = { id: 'new', prompt: '2+3=?\n\n', answer: '5' };
const propose = async (name: string) =>
  tinkerPolicy({
    sampler: await model.sampler(name),
    tokenizer,
    format: blankLineFormat,
    maxTokens: 18,
    id: name,
    stopAt: 'texts',
  });
const tree = await search({
  question,
  policy: await propose('sft'),
  rules: dvoSearch({ verifier: mathVerifier }),
  seed: 1,
});
const trajectories = sampleTrajectories(tree);
for (const { steps, credits, reward } of trajectories)
  console.log(reward, steps.map((step, t) => `${step.trim()} (${credits[t]!.toFixed(2)})`).join(' → '));

// DVO against the model as it is now: its log-prob of every step, over the tokens that the loss will score.
const scored = trajectories.map((trajectory) => tokenizeTrajectory(trajectory, tokenizer));
const stepSums = async () => {
  const logps = await model.logps(scored.map(({ ids }) => ids));
  return scored.map(({ stepIds, credits }, row) =>
    credits.map((_, step) => total(stepIds.map((of, t) => (of === step ? logps[row]![t]! : 0)))),
  );
};
const before = await stepSums();
const valued = scored.map((example, row) => ({ ...example, referenceLogps: before[row]! }));
const update = tinkerStep<Batch>(
  model,
  (params, { ids, stepIds, mask, credits, referenceLogps }) => {
    const policyLogps = stepLogps(model.tokenLogps(params, ids), stepIds, mask.shape[1]!);
    return dvoLoss({ policyLogps, referenceLogps, credits, mask });
  },
  { learningRate: 2e-3 },
);
const again = batches(valued, { batchSize: valued.length, seed: 1, epochs: 5, padId: 0 });
for await (const { report } of train(tinkerStart(), again, update))
  console.log(`update ${report.step}: DVO loss ${report.loss.toFixed(4)}`);
const after = await stepSums();
const gain = trajectories.map(({ reward }, row) => reward * (total(after[row]!) - total(before[row]!)));
console.log(`reward · change of log-prob, mean: ${(total(gain) / gain.length).toFixed(4)}`);
await service.close();
await server.close();

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
