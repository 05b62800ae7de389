/**
 * Where there is no real model at hand: a GGUF file with a tiny one that learned some worked problems by heart, in a few seconds.
 * `node --conditions=@svo/source examples/tiny-gguf.ts tiny.gguf`
 */
import { installKernels } from '@svo/kernels';
import { causalLm, saveGguf, type Tokenizer, tokenizerFromJson } from '@svo/models';
import { planOptimizer, supervisedPlan, trainPlan } from '@svo/recipes';
import { useBackend } from '@svo/tensor';
import { asked, type WordProblem, wordProblems } from './word-problems.ts';

const [start, end] = ['<|im_start|>', '<|im_end|>'];

/** A token a byte, and a chat template as SmolLM2 has one. */
function byteTokenizer(): Tokenizer {
  const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const vocab = Object.fromEntries([...printable, 'Ġ', 'Ċ', start, end].map((token, id) => [token, id]));
  const plain = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
  const chat_template = `{% for m in messages %}${start}{{ m.role }}\n{{ m.content }}${end}\n{% endfor %}{% if add_generation_prompt %}${start}assistant\n{% endif %}`;
  return tokenizerFromJson(
    {
      added_tokens: [start, end].map((content) => ({ content, id: vocab[content]!, ...plain })),
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', vocab, merges: [] },
    },
    { eos_token: end, chat_template },
  );
}

/** Writes the file. It answers the given problems right now and then, others hardly ever. */
export async function writeTinyGguf(path: string, problems: readonly WordProblem[], updates = 60): Promise<void> {
  const own = byteTokenizer();
  const tokenizer = { ...own, padId: own.eosId! };
  const lm = causalLm({
    model_type: 'llama',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    initializer_range: 0.1,
    eos_token_id: tokenizer.eosId!,
  });
  const settings = { beta: 0, learningRate: 5e-3, batchSize: Math.min(8, problems.length), updates };
  const texts = problems.map((problem) => ({ prompt: asked(tokenizer, problem), steps: problem.steps }));
  const plan = supervisedPlan({ learner: { lm, tokenizer }, settings, seed: 1 }, texts);
  let params = lm.init(1);
  for await (const { state } of trainPlan(plan, { params, optimizer: planOptimizer(settings) }))
    params = state.params as typeof params;
  await saveGguf(path, { lm, params, tokenizer, dtype: 'F16' });
}

if (process.argv[1] === import.meta.filename) {
  await useBackend('wasm');
  await installKernels();
  await writeTinyGguf(process.argv[2]!, wordProblems(6, 1));
  process.exit(0); // the backend's threads wait for more
}
