/** Llama, and the many models saved under its name. */
import type { GgufFamily } from './gguf-family.ts';

/** Biases that a Llama may have. */
export const llamaBiases = { attention_bias: 'blk.0.attn_q.bias', mlp_bias: 'blk.0.ffn_gate.bias' };

export const llama: GgufFamily = { family: 'llama', architecture: 'llama', pairedRows: true, biases: llamaBiases };
