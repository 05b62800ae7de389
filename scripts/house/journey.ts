/**
 * A question on its way to a saved folder: searched, made rows, trained on, saved. Run as a program with the root of a tree of this
 * repository, it prints which files and functions of the packages that passed through, counted by V8's precise coverage.
 * What modules do while they load, and making the model, does not count.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = process.argv[2]!;
const load = <Package>(name: string): Promise<Package> =>
  import(pathToFileURL(join(root, 'packages', name, 'src', 'index.ts')).href);

const mcts = await load<typeof import('@svo/mcts')>('mcts');
const mdp = await load<typeof import('@svo/mdp')>('mdp');
const models = await load<typeof import('@svo/models')>('models');
const tensor = await load<typeof import('@svo/tensor')>('tensor');
const training = await load<typeof import('@svo/train')>('train');
const data = await load<typeof import('@svo/data')>('data');
const losses = await load<typeof import('@svo/losses')>('losses');
const verify = await load<typeof import('@svo/verify')>('verify');
const recipes = existsSync(join(root, 'packages', 'recipes'))
  ? await load<typeof import('@svo/recipes')>('recipes')
  : undefined;

await tensor.useBackend('cpu');
const tokenizer = { ...models.characterTokenizer('0123456789+=? \nFinal Aswer:'), padId: 0 };
const lm = models.causalLm({
  model_type: 'llama',
  vocab_size: tokenizer.vocabularySize,
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  eos_token_id: tokenizer.eosId!,
});
const reference = lm.init(1);
const folder = mkdtempSync(join(tmpdir(), 'svo-journey-'));

/** The tree of one question, saved; where there are no recipes yet it is read back, as the main job of that time did. */
async function grow() {
  const policy = models.localPolicy({
    ...{ lm, params: reference, tokenizer, format: mdp.blankLineFormat, maxTokens: 6, temperature: 1 },
    id: 'first',
  });
  const rules = mcts.dvoSearch({ verifier: verify.mathVerifier, iterations: 12, breadth: 3, depth: 3 });
  const questions = [{ id: 'q', prompt: '1+2=?\n', answer: '3' }];
  for await (const record of mcts.searchMany({ questions, policy, rules, seed: 1 }))
    if (record.kind === 'tree') {
      const bytes = mcts.saveTree(record.tree);
      writeFileSync(join(folder, 'q.tree'), bytes);
      return recipes ? record.tree : mcts.loadTree(bytes);
    }
  throw new Error('the search gave no tree');
}

const settings = { beta: 0.1, learningRate: 1e-3, batchSize: 2, updates: 2 };

/** The wiring typed by hand: what a user of the packages wrote before there were recipes. */
async function planByHand(trajectories: Parameters<typeof data.tokenizeTrajectory>[0][]) {
  const logps: (
    params: typeof reference,
    ids: import('@svo/tensor').Tensor,
    marks: import('@svo/tensor').Tensor,
    width: number,
  ) => import('@svo/tensor').Tensor = (params, ids, marks, width) =>
    tensor.stepLogps(lm.tokenLogps(params, ids, { scored: marks }), marks, width);
  const examples: import('@svo/data').Example[] = [];
  for (const trajectory of trajectories) {
    const example = data.tokenizeTrajectory(trajectory, tokenizer);
    const { ids, stepIds, mask } = data.collate([example], { padId: 0 });
    const [tokens, marks] = [ids, stepIds].map(({ data: values, shape }) =>
      tensor.tf.tensor2d(values, shape as [number, number], 'int32'),
    );
    const scores = logps(reference, tokens!, marks!, mask.shape[1]!);
    examples.push({ ...example, referenceLogps: [...(await scores.data())] });
  }
  const order = { ...{ batchSize: 2, seed: 1, epochs: 10, dropLast: true }, padId: 0 };
  const loss: import('@svo/train').LossFunction<import('@svo/data').Batch> = (params, batch) => {
    const policyLogps = logps(params, batch.ids, batch.stepIds, batch.mask.shape[1]!);
    const { referenceLogps, credits, mask } = batch;
    const inputs = { policyLogps, referenceLogps, credits, mask };
    const { stepMetrics } = training as unknown as Pick<typeof losses, 'stepMetrics'>;
    return { loss: losses.dvoLoss(inputs, { beta: settings.beta }), ...stepMetrics(inputs, { beta: settings.beta }) };
  };
  return { updates: settings.updates, batches: () => data.batches(examples, order), loss };
}

async function journey(): Promise<void> {
  const tree = await grow();
  const trajectories = mcts.sampleTrajectories(tree, { seed: 1 });
  const material = { learner: { lm, tokenizer }, trees: [tree], trajectories, reference, settings, seed: 1 };
  const plan = recipes ? await recipes.dvoPlan(material) : await planByHand(trajectories);
  const optimizer = training.adamw({ learningRate: settings.learningRate });
  let state = training.initialTrainState(training.copyParams(reference), optimizer);
  for await (const result of training.train(state, plan.batches(), training.trainStep(plan.loss, optimizer))) {
    state = result.state;
    if (state.step === plan.updates) break;
  }
  if (state.step !== settings.updates) throw new Error(`the journey made ${state.step} updates`);
  await models.savePretrained(join(folder, 'model'), { lm, params: state.params, tokenizer });
}

const inspector = new Session();
inspector.connect();
await inspector.post('Profiler.enable');
await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
await journey();
const { result } = await inspector.post('Profiler.takePreciseCoverage');
inspector.disconnect();
rmSync(folder, { recursive: true });

const inside = pathToFileURL(join(root, 'packages')).href;
const passed = result
  .filter(({ url }) => url.startsWith(inside) && url.includes('/src/'))
  .map(
    ({ functions }) =>
      functions.filter(
        ({ functionName, ranges }) => ranges[0]!.count > 0 && !(functionName === '' && ranges[0]!.startOffset === 0),
      ).length,
  )
  .filter((count) => count > 0);
console.log(JSON.stringify({ files: passed.length, functions: passed.reduce((sum, count) => sum + count, 0) }));
