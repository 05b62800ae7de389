/** Every family under its `model_type`. */
import type { ModelFamily } from '../architecture.ts';
import type { Family } from './family.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

export const families: Readonly<Record<ModelFamily, Family>> = { llama, mistral, qwen2, qwen3 };
