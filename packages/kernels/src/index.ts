// Installing.

export { independentRows, installKernels, type KernelOptions, type KernelReport, measureLimits } from './install.ts';

// Operations.

export { type AdamwSettings, type AdamwState, adamwUpdate } from './operations/adamw-update.ts';
export { type AdaptedWeights, adaptedLinear } from './operations/adapted-linear.ts';
export type {
  AttentionInputs,
  AttentionShape,
  CachedAttentionInputs,
  CachedAttentionShape,
} from './operations/attention-shape.ts';
export { cachedAttention } from './operations/cached-attention.ts';
export { embedding } from './operations/embedding.ts';
export { linear } from './operations/linear.ts';
export { linearTokenLogps } from './operations/linear-token-logps.ts';
export { rmsNorm } from './operations/rms-norm.ts';
export { rotaryAttention } from './operations/rotary-attention.ts';
export { swiglu } from './operations/swiglu.ts';
export { targetLogps } from './operations/target-logps.ts';

// Stored matrices.

export { holdStored } from './stored/hold.ts';
export { int8Activations } from './stored/int8-activations.ts';

// Limits of the machine, and what is held at a time.

export type { MachineLimits } from './wasm/limits.ts';
export { interleavedBytes } from './wasm/stored-kinds.ts';
export { workingSizes } from './working-sizes.ts';
