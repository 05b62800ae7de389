/** Our side of the benchmark, in a process of its own. Commands come in as JSON lines, answers go out the same way. */
import { createInterface } from 'node:readline';
import { installKernels, type KernelOptions } from '@svo/kernels';
import { causalLm, generate, loadPretrained, type ModelConfig, type Pretrained, savePretrained } from '@svo/models';
import { tf, useBackend } from '@svo/tensor';

const [, , threads, engine] = process.argv;
await useBackend('wasm', { threads: Number(threads) });
const kernels = await installKernels({ engine: engine as KernelOptions['engine'] & string });
let model: Pretrained;

const commands = {
  /** Draws weights, spread widely enough that greedy choices are not decided by the last bit. */
  async init({ folder, config }: { folder: string; config: ModelConfig }) {
    const lm = causalLm(config);
    await savePretrained(folder, { lm, params: lm.init(1) });
    return {};
  },
  async load({ folder }: { folder: string }) {
    model = await loadPretrained(folder);
    return { kernels };
  },
  async generate({ prompts, maxTokens }: { prompts: number[][]; maxTokens: number }) {
    const options = { maxTokens, temperature: 0, stopIds: [], independent: false };
    const [began, used] = [performance.now(), process.cpuUsage()];
    const written = await generate(model.lm, model.params, prompts, options);
    const milliseconds = performance.now() - began;
    const { user, system } = process.cpuUsage(used);
    return { milliseconds, processorMilliseconds: (user + system) / 1000, ids: written.map(([first]) => first!.ids) };
  },
  /** How far apart two choices for the next token are, in logits. */
  async gap({ ids, one, other }: { ids: number[]; one: number; other: number }) {
    const logits = tf.tidy(() => {
      const all = model.lm.apply(model.params, tf.tensor2d([ids], undefined, 'int32'));
      return tf.slice(all, [0, ids.length - 1, 0], [1, 1, -1]);
    });
    const values = await logits.data();
    logits.dispose();
    return { gap: Math.abs(values[one]! - values[other]!) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...rest } = JSON.parse(line) as { do: keyof typeof commands };
  console.log(JSON.stringify(await commands[name](rest as never)));
}
