/** Every family under its `model_type`. */
import type { ModelFamily } from '../config/architecture.ts';
import type { Family } from './family.ts';
import { gemma3 } from './gemma3.ts';
import { granite } from './granite.ts';
import { lfm2 } from './lfm2.ts';
import { llama } from './llama.ts';
import { ministral3 } from './ministral3.ts';
import { mistral } from './mistral.ts';
import { olmo2 } from './olmo2.ts';
import { olmo3 } from './olmo3.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';
import { qwen3Moe } from './qwen3-moe.ts';
import { seedOss } from './seed-oss.ts';
import { smollm3 } from './smollm3.ts';

export const families: Readonly<Record<ModelFamily, Family>> = {
  llama,
  mistral,
  qwen2,
  qwen3,
  qwen3_moe: qwen3Moe,
  smollm3,
  granite,
  olmo2,
  olmo3,
  phi3,
  gemma3_text: gemma3,
  ministral3,
  lfm2,
  seed_oss: seedOss,
};
