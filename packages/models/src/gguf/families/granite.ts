/** Granite, with its four multipliers. */
import { plainDecimal } from '../metadata-keys.ts';
import { float32, type GgufFamily } from './gguf-family.ts';
import { llamaBiases } from './llama.ts';

const graniteScales = {
  embedding_multiplier: 'granite.embedding_scale',
  residual_multiplier: 'granite.residual_scale',
  attention_multiplier: 'granite.attention.scale',
  logits_scaling: 'granite.logit_scale',
} as const;

export const granite: GgufFamily = {
  family: 'granite',
  architecture: 'granite',
  pairedRows: true,
  biases: llamaBiases,
  read: (keys) =>
    Object.fromEntries(
      Object.entries(graniteScales).map(([ours, theirs]) => [
        ours,
        plainDecimal(keys.needed(keys.number(theirs), theirs)),
      ]),
    ),
  written: ({ embeddingScale, residualScale, scoreScale, logitScale, headDim }) => ({
    [graniteScales.embedding_multiplier]: float32(embeddingScale),
    [graniteScales.residual_multiplier]: float32(residualScale),
    [graniteScales.attention_multiplier]: float32(scoreScale / Math.sqrt(headDim)),
    [graniteScales.logits_scaling]: float32(1 / logitScale),
  }),
};
