/**
 * What a search asks of `localPolicy`: thousands of requests of five samples in one call, prefixes of different lengths,
 * steps of at most 24 tokens. Tokens a second, against the same requests asked one by one (a sample of them).
 *
 *   node --conditions=@svo/source benchmarks/generation/policy.ts [requests=2000] [rounds=5] [threads=2]
 *
 * Results: benchmarks/results/local-policy.json.
 */
import { loadavg } from 'node:os';
import { installKernels } from '@svo/kernels';
import { blankLineFormat, type Candidate, initialState, type ProposeRequest, transition } from '@svo/mdp';
import { causalLm, characterTokenizer, localPolicy } from '@svo/models';
import { useBackend } from '@svo/tensor';
import { machine, writeResults } from '../results.ts';
import { summary } from '../train-step/peer.ts';

const [, , requestCount = '2000', rounds = '5', threads = '2'] = process.argv;
await useBackend('wasm', { threads: Number(threads) });
const kernels = await installKernels({ engine: 'wasm' });
const tokenizer = characterTokenizer('0123456789+-*/()=#?.: \nabcdefghijklmnopqrstuvwxyzFA');
const shapes = { 'd 64, 2 layers': [64, 2], 'd 128, 4 layers': [128, 4] } as const;

const requests: ProposeRequest[] = Array.from({ length: Number(requestCount) }, (_, i) => {
  const question = { id: `q${i}`, prompt: `${i} + ${(i * 7) % 100} - ${i % 13} = ?\n\n` };
  let state = initialState(question);
  for (let step = 0; step < i % 4; step++) state = transition(state, `${i} + ${step} = ${i + step}\n\n`);
  return { question, state, count: 5, seed: i };
});
const tokensOf = (answers: readonly (readonly Candidate[])[]): number =>
  answers.flat().reduce((total, { tokenIds = [], count }) => total + tokenIds.length * count, 0);

const results: Record<string, object> = {};
for (const [name, [width, layers]] of Object.entries(shapes)) {
  const lm = causalLm({
    model_type: 'llama',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: width,
    intermediate_size: 3 * width,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    eos_token_id: tokenizer.eosId,
  });
  const settings = { lm, params: lm.init(1), tokenizer, format: blankLineFormat, maxTokens: 24, id: name };
  const policy = localPolicy(settings);
  const rates: number[] = [];
  for (let round = -1; round < Number(rounds); round++) {
    const began = performance.now();
    const tokens = tokensOf(await policy.proposeMany!(requests));
    if (round >= 0) rates.push((1000 * tokens) / (performance.now() - began));
  }
  const some = requests.slice(0, 20);
  const began = performance.now();
  let alone = 0;
  for (const request of some) alone += tokensOf([await policy.propose(request)]);
  const oneByOne = (1000 * alone) / (performance.now() - began);
  const together = summary(rates);
  results[name] = { tokensPerSecond: together, oneByOneTokensPerSecond: oneByOne };
  console.log(
    `${name}: ${together.median.toFixed(0)} tokens/s (${together.low.toFixed(0)}–${together.high.toFixed(0)}), one by one ${oneByOne.toFixed(0)}`,
  );
}
const about = {
  date: new Date().toISOString(),
  machine: { ...machine, load: loadavg()[0] },
  kernels,
  requests: requests.length,
  samples: 5,
  maxTokens: 24,
};
writeResults('local-policy', { ...about, results });
