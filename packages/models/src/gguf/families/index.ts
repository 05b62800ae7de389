/** The families whose models GGUF has a place for, by their files and by their configs. */
import type { Architecture, ModelFamily } from '../../decoder/config/architecture.ts';
import type { MetadataKeys } from '../metadata-keys.ts';
import { gemma3 } from './gemma3.ts';
import type { GgufFamily } from './gguf-family.ts';
import { granite } from './granite.ts';
import { lfm2 } from './lfm2.ts';
import { llama } from './llama.ts';
import { ministral3, mistralInMistral3 } from './mistral3.ts';
import { olmo2, olmo3 } from './olmo.ts';
import { phi3 } from './phi3.ts';
import { qwen2, qwen3, qwen3Moe } from './qwen.ts';
import { seedOss } from './seed-oss.ts';
import { smollm3 } from './smollm3.ts';

/** How each family is written. A Mistral is a Llama there. */
const writable: Readonly<Record<ModelFamily, GgufFamily>> = {
  llama,
  mistral: llama,
  qwen2,
  qwen3,
  qwen3_moe: qwen3Moe,
  smollm3,
  granite,
  gemma3_text: gemma3,
  olmo2,
  olmo3,
  seed_oss: seedOss,
  phi3,
  lfm2,
  ministral3,
};

const readable: readonly GgufFamily[] = [...new Set(Object.values(writable)), mistralInMistral3];

/** What a file holds, by its `general.architecture`. Mistral's files, and many others', call themselves llama. */
export const familyInFile = (keys: MetadataKeys): GgufFamily => {
  const architecture = keys.needed(keys.text('general.architecture'), 'general.architecture');
  const names = [...new Set(readable.map((one) => one.architecture))].join(', ');
  return (
    readable.find((one) => one.architecture === architecture && (one.isHeld?.(keys) ?? true)) ??
    keys.fail(`general.architecture must be one of ${names}, got '${architecture.slice(0, 60)}'`)
  );
};

/**
 * How a model is written.
 * @throws RangeError for settings of its family that llama.cpp does not compute
 */
export const familyForFile = (architecture: Architecture): GgufFamily => {
  const found = writable[architecture.family];
  const refused = found.refusal?.(architecture);
  if (refused !== undefined)
    throw new RangeError(`saveGguf: llama.cpp computes no other ${architecture.family}: ${refused}`);
  return found;
};
