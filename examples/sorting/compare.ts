/** A task of one's own from nothing, and what each objective makes of the same draws: `node --conditions=@svo/source examples/sorting/compare.ts 1` */
import { installKernels } from '@svo/kernels';
import { createRng, splitRng, wholeFormat } from '@svo/mdp';
import { causalLm, characterTokenizer, localPolicy, type Params } from '@svo/models';
import {
  answerQuestions,
  defaultSettings,
  drawTrees,
  materialMetrics,
  type Objective,
  type Plan,
  planFor,
  planOptimizer,
  readQuestions,
  type Settings,
  supervisedPlan,
  trainPlan,
  treeMaterial,
} from '@svo/recipes';
import { useBackend } from '@svo/tensor';
import { type Diagnosis, diagnose, type Report } from '@svo/train';
import { drawList, sorting, worked } from './task.ts';

const seed = Number(process.argv[2] ?? 1);
const short = process.argv[3] === 'short'; // what the tests run
const pairs = process.argv[3] === 'pairs';
const hotter = [
  ['dpo', 0.1, 3e-4],
  ['dpo', 0.3, 1e-4],
  ['step-dpo', 0.3, 3e-4],
  ['step-dpo', 0.3, 1e-4],
] as const;
const sizes = short
  ? { places: 3, unseen: 60, asked: 24, solved: 400 }
  : { places: 6, unseen: 300, asked: 100, solved: 4000 };
await useBackend('wasm'); // or 'auto'
await installKernels();

// 1. Lists, no two of them the same: to measure on, to ask, and to learn from.
const lists = new Set<string>();
for (let rng = splitRng(createRng(seed), 'lists'); lists.size < sizes.unseen + sizes.asked + sizes.solved; ) {
  const [list, next] = drawList(rng, sizes.places);
  lists.add(list);
  rng = next;
}
const all = await readQuestions(
  [...lists].map((list) => ({ list })),
  { read: sorting.read, template: sorting.template },
);
const unseen = all.slice(0, sizes.unseen);
const asked = all.slice(sizes.unseen, sizes.unseen + sizes.asked);
const solved = [...lists].slice(-sizes.solved).map((list) => worked(list, splitRng(createRng(seed), list)));

// 2. A model that knows nothing, a token a character. `initializer_range: 0.1` lets one as small as this learn sooner.
const tokenizer = { ...characterTokenizer('123456789?\nFinal Aswer:'), padId: 0 };
const lm = causalLm({
  model_type: 'llama',
  vocab_size: tokenizer.vocabularySize,
  hidden_size: 48,
  intermediate_size: 144,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  initializer_range: 0.1,
  eos_token_id: tokenizer.eosId,
});
const learner = { lm, tokenizer };
const { verifier, format } = sorting;
/** Whole answers; the longest are five lines of eight characters, the answer's twenty, and the end. */
const policyOf = (params: Params, temperature: number) =>
  localPolicy({ ...learner, params, format: wholeFormat, temperature, maxTokens: 64, id: 'sorter' });

/** The share of the unseen questions that are answered right. */
async function right(params: Params, temperature: number): Promise<number> {
  let count = 0;
  const asking = { policy: policyOf(params, temperature), questions: unseen, verifier, seed };
  for await (const { answers } of answerQuestions(asking)) count += Number(answers[0]?.right === true);
  return count / unseen.length;
}

async function trained<B extends object>(start: Params, plan: Plan<B>, settings: Settings) {
  let params = start;
  const reports: Report[] = [];
  for await (const { state, report } of trainPlan(plan, { params: start, optimizer: planOptimizer(settings) })) {
    params = state.params;
    reports.push(report);
  }
  return { params, reports };
}

/** A row of results; greedy and sampled answers say different things. */
async function tell(method: string, params: Params) {
  const [greedy, sampled] = [await right(params, 0), await right(params, 1)];
  console.log(JSON.stringify({ seed, method, greedy, sampled }));
  return sampled;
}

// 3. A base that is right sometimes and wrong often.
const lessons = { beta: 0, learningRate: 4e-3, batchSize: 32, updates: short ? 100 : 1600 };
const { params: base } = await trained(
  lm.init(seed),
  supervisedPlan({ learner, settings: lessons, seed }, solved),
  lessons,
);
const before = await tell('base', base);

// 4. Sixteen answers of its own to each question, and what each step was worth.
const trees = [];
for await (const tree of drawTrees({ policy: policyOf(base, 1), questions: asked, verifier, format, seed }))
  trees.push(tree);
const material = treeMaterial(trees);
const about = materialMetrics(material.trajectories, trees);

// 5. Every objective on the same draws, with its default settings; what went wrong, in words; and once more where the words say so.
// With `compare.ts 1 pairs` instead pairs at hotter places, where their defaults were before.
if (pairs)
  for (const [name, beta, learningRate] of hotter)
    await improved(`${name}, β ${beta}, rate ${learningRate}`, name, { ...defaultSettings[name], beta, learningRate });
else
  for (const name of ['rft', 'dpo', 'kto', 'step-dpo', 'dvo-response', 'dvo'] as const) {
    const settings = { ...defaultSettings[name], ...(short && { updates: 4, batchSize: 8 }) };
    if ((await improved(name, name, settings)).some(({ kind }) => kind === 'accuracy-falls'))
      await improved(`${name}, a third of the rate`, name, { ...settings, learningRate: settings.learningRate / 3 });
  }
process.exit(0); // the backend's threads wait for more

async function improved(method: string, objective: Objective, settings: Settings): Promise<readonly Diagnosis[]> {
  const plan = await planFor(objective, { learner, ...material, reference: base, settings, seed });
  const { params, reports } = await trained(base, plan, settings);
  const [first, last] = [{ ...about, eval_accuracy: before }, { eval_accuracy: await tell(method, params) }];
  const found = diagnose(
    reports.map((report, i) => ({ ...report, ...(i === 0 ? first : i === reports.length - 1 && last) })),
  );
  for (const { severity, message } of found) console.error(`${method}: ${severity}: ${message}`);
  return found;
}
