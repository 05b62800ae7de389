/** Greedy generation from a GGUF file, as a user writes it. Commands come in as JSON lines, answers go out the same way. */
import { createInterface } from 'node:readline';
import { installKernels } from '@svo/kernels';
import { generate, loadPretrained } from '@svo/models';
import { useBackend } from '@svo/tensor';

const [, , threads, weights, activations] = process.argv;
await useBackend('wasm', { threads: Number(threads) });
await installKernels();
let base: Awaited<ReturnType<typeof loadPretrained>> | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const { path, prompt, tokens } = JSON.parse(line) as { path: string; prompt: number[]; tokens: number };
  base ??= await loadPretrained(path, { weights: weights as 'stored' | 'float32' });
  const began = performance.now();
  const [written] = await generate(base.lm, base.params, [prompt], {
    maxTokens: tokens,
    temperature: 0,
    stopIds: [],
    activations: activations as 'float32' | 'int8',
  });
  console.log(JSON.stringify({ milliseconds: performance.now() - began, ids: written![0]!.ids }));
}
process.exit(0);
