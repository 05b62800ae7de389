/**
 * A real model from its GGUF file: it chats, is searched and answers word problems; RFT, DPO and DVO train LoRA adapters on the same
 * answers, and each is asked what nobody saw. `node --conditions=@svo/source examples/real-model.ts SmolLM2-135M-Instruct.Q4_1.gguf [folder]`
 * What is done is kept in the folder: a run that was stopped goes on from there.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installKernels } from '@svo/kernels';
import { drawnTrajectories, searchValues, treeSummary } from '@svo/mcts';
import { blankLineFormat, type Question, type StepFormat, wholeFormat } from '@svo/mdp';
import {
  applyChatTemplate,
  applyLora,
  generate,
  initLora,
  localPolicy,
  mergeLora,
  type Params,
  saveAdapters,
  saveGguf,
} from '@svo/models';
import {
  answerQuestions,
  drawTrees,
  loadLearner,
  pairedDifference,
  planFor,
  planOptimizer,
  showAccuracy,
  showDifference,
  trainPlan,
  wilson,
} from '@svo/recipes';
import { useBackend } from '@svo/tensor';
import { mathVerifier } from '@svo/verify';
import { keptIn, stopwatch } from './kept.ts';
import { asked, wordProblems } from './word-problems.ts';

const number = (initial: number) => ({ type: 'string', default: String(initial) }) as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    questions: number(40),
    draws: number(8),
    unseen: number(200),
    updates: number(12),
    rows: number(12),
    tokens: number(20),
    rate: number(2e-3),
    objectives: { type: 'string', default: 'dvo,rft,dpo' },
  },
});
const [model, folder = './real-model'] = positionals;
if (model === undefined)
  throw new RangeError('give it a GGUF file: docs/real-models.md says where SmolLM2’s comes from');
const sizes = {
  questions: Number(values.questions),
  draws: Number(values.draws),
  unseen: Number(values.unseen),
  updates: Number(values.updates),
  rows: Number(values.rows),
  tokens: Number(values.tokens), // of an answer, at most
  rate: Number(values.rate),
};
const kept = await keptIn(folder, sizes);

await useBackend('wasm');
const { engine } = await installKernels();
const { learner: base, params: weights } = await loadLearner(model);
const { tokenizer } = base;

// It chats.
const capital = applyChatTemplate(tokenizer, [{ role: 'user', content: 'What is the capital of France?' }]);
const [[said] = []] = await generate(base.lm, weights, [capital], { tokenizer, maxTokens: 24, temperature: 0 });
console.log(`${engine}: ${said!.text}`);

// Questions, some to learn from and others to be asked at the end.
const problems = wordProblems(sizes.questions + sizes.unseen, 1).map(
  (problem, i): Question => ({ id: `${i}`, prompt: asked(tokenizer, problem), answer: problem.answer }),
);
const [questions, unseen] = [problems.slice(0, sizes.questions), problems.slice(sizes.questions)];

// The model adds the adapters it finds among its parameters: without them it is the base, which is also the reference.
const lora = { rank: 8, alpha: 16 };
const lm = applyLora(base.lm, lora);
const policy = (params: Params, format: StepFormat, temperature = 0.7) =>
  localPolicy({ lm, params, tokenizer, format, temperature, maxTokens: sizes.tokens, id: 'real model' });

// It is searched: MCTS over the steps of one question.
const { nodes, rootValue, outcomes } = await kept('search', async () => {
  const options = { policy: policy(weights, blankLineFormat), verifier: mathVerifier, iterations: 8, breadth: 4 };
  return treeSummary(await searchValues(questions[0]!, { ...options, depth: 5, seed: 1 }));
});
console.log(`search: ${nodes} nodes, ${outcomes.correct} right ends, V(s₀) ${rootValue.toFixed(2)}`);

// Its own answers, with what each step is worth: the mean outcome of the answers that share it.
async function drawn(from: number) {
  const time = stopwatch();
  const own = { policy: policy(weights, wholeFormat), questions: questions.slice(from, from + 20), draws: sizes.draws };
  const trajectories = [];
  for await (const tree of drawTrees({ ...own, tokenizer, verifier: mathVerifier, seed: 1 }))
    trajectories.push(drawnTrajectories(tree));
  return { trajectories, time: time() };
}
const draws = [];
for (let from = 0; from < questions.length; from += 20) draws.push(await kept(`draws-${from}`, () => drawn(from)));
const answered = draws.flatMap(({ trajectories }) => trajectories);
const right = answered.flat().filter(({ reward }) => reward > 0).length;
// What there is to learn lies in questions with right answers and wrong ones.
const mixed = answered.filter((some) => some.some(({ reward }) => reward > 0) && some.some(({ reward }) => reward < 0));
console.log(`draws: ${right} of ${answered.flat().length} right; both kinds for ${mixed.length} questions`);

/** 1 for every unseen question that is answered right, 0 for the others; the likeliest answer, and one drawn. */
async function examined(params: Params) {
  const time = stopwatch();
  const answers = async (temperature: number): Promise<number[]> => {
    const marks: number[] = [];
    const own = { policy: policy(params, wholeFormat, temperature), questions: unseen, verifier: mathVerifier };
    for await (const { answers } of answerQuestions({ ...own, seed: 2 })) marks.push(answers[0]?.right ? 1 : 0);
    return marks;
  };
  return { greedy: await answers(0), sampled: await answers(0.7), asking: time() };
}

/** One training: the same answers, the same first adapters, the same settings. A pair is two rows. */
async function trained(objective: string) {
  const batchSize = objective === 'dpo' ? sizes.rows / 2 : sizes.rows;
  const settings = { beta: 0.1, learningRate: sizes.rate, batchSize, updates: sizes.updates, maxLength: 512 };
  const time = stopwatch();
  const material = { learner: { lm, tokenizer }, trees: [], trajectories: mixed.flat(), reference: weights };
  const plan = await planFor(objective, { ...material, settings, seed: 1 });
  const losses: number[] = [];
  let params = weights;
  const start = { params, adapters: initLora(lm, lora, 1), optimizer: planOptimizer(settings) };
  for await (const { state, report } of trainPlan(plan, start)) {
    ({ params } = state);
    losses.push(report.loss);
    console.log(`${objective}, update ${report.step}: loss ${report.loss.toFixed(4)}`);
  }
  const training = time();
  await saveAdapters(join(folder, objective), { settings: lora, params });
  // For llama.cpp, Ollama and LM Studio.
  const merged = mergeLora(params, lora);
  await saveGguf(join(folder, `${objective}.gguf`), { lm: base.lm, params: merged, tokenizer, dtype: 'F16' });
  const result = { losses, training, ...(await examined(params)) };
  for (const tensor of Object.values(merged)) tensor.dispose();
  for (const [name, tensor] of Object.entries(params)) if (!(name in weights)) tensor.dispose();
  return result;
}

const before = await kept('base', () => examined(weights));
const score = (marks: readonly number[]) => wilson(marks.filter((mark) => mark === 1).length, marks.length);
for (const how of ['greedy', 'sampled'] as const) console.log(`base, ${how}: ${showAccuracy(score(before[how]))}`);
for (const objective of values.objectives.split(',')) {
  const after = await kept(objective, () => trained(objective));
  for (const how of ['greedy', 'sampled'] as const) {
    const gain = showDifference(pairedDifference(before[how], after[how]));
    console.log(`${objective}, ${how}: ${showAccuracy(score(after[how]))}, ${gain} against the base`);
  }
}
process.exit(0); // the backend's threads wait for more
