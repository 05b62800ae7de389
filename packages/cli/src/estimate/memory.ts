import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causalLm, type LoraSettings, type MemoryPlanOptions, type ModelConfig, memoryPlan } from '@svo/models';
import { adapterSize, generationBytes, trainingBytes } from './cost.ts';
import type { ModelSize } from './model-size.ts';

/** Bytes at the most, and what does not fit. */
export interface Memory {
  readonly bytes: number;
  readonly reasons: readonly string[];
}

/** What is held at a time. */
interface Held extends Pick<MemoryPlanOptions, 'batch' | 'length'> {
  readonly run: 'train' | 'generate';
  readonly lora?: { readonly rank: number; readonly alpha: number; readonly targets?: readonly string[] } | undefined;
}

/** What a run holds: counted operation by operation for a model folder, by the sizes of its header for a GGUF file. */
export function memoryOf(model: string, size: ModelSize, held: Held): Memory {
  const { batch, length, run, lora } = held;
  const config = join(model, 'config.json');
  if (!existsSync(config)) {
    const bytes =
      run === 'train'
        ? trainingBytes(size, batch * length, lora && adapterSize(size, lora.rank))
        : generationBytes(size);
    return { bytes, reasons: [] };
  }
  const lm = causalLm(JSON.parse(readFileSync(config, 'utf8')) as ModelConfig);
  const own = lora === undefined ? {} : { lora: lora as LoraSettings };
  const { process, reasons } = memoryPlan(lm, { batch, length, run, engine: 'wasm', ...own });
  // Where all weights learn, the reference is a second copy.
  const reference = run === 'train' && lora === undefined ? 4 * size.parameters : 0;
  return { bytes: process + reference, reasons };
}

/** What does not fit, as lines beside an estimate. */
export const doubts = ({ reasons }: Memory): string[] => reasons.map((reason) => `does not fit: ${reason}`);
