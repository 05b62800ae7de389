/** Decoders in Hugging Face's terms: load, train, generate, save. */

// Conversations as text.

export {
  applyChatTemplate,
  type ChatTemplateOptions,
  type RenderedChat,
  renderChat,
} from './chat/chat-template.ts';

// Decoders and their parameters.

export type { Params } from '@svo/tensor';
export { type CausalLm, causalLm, type PassOptions, type TokenLogpsOptions } from './decoder/causal-lm.ts';
export type {
  Architecture,
  ModelConfig,
  ModelFamily,
  NormNames,
  Rotation,
  Sizes,
  Traits,
} from './decoder/config/architecture.ts';
export { parseConfig } from './decoder/config/config.ts';
export type { RopeParameters, RopeScaling } from './decoder/config/rope-parameters.ts';
export type { Checkpoint, Decoder, DecoderOptions, FrozenMatrices } from './decoder/decoder-record.ts';
export type { TokenMarks } from './decoder/head/scored-rows.ts';
export {
  type ValueActivation,
  type ValueHead,
  type ValueNetwork,
  valueHead,
  valueNetwork,
} from './decoder/head/value-head.ts';
export { applyLora, initLora, type LoraSettings, mergeLora } from './decoder/lora.ts';
export { type Projection, parameterShapes, projections } from './decoder/parameters.ts';
export { decodingTables, inverseFrequencies, type RotaryTables, rotaryTables } from './decoder/rotary/rope.ts';

// Model folders.

export { type LoadedAdapters, loadAdapters, type SaveAdaptersOptions, saveAdapters } from './folders/adapter-folder.ts';
export type { WeightWidth } from './folders/frozen-weights.ts';
export { type LoadValueModelOptions, loadValueModel } from './folders/load-value-model.ts';
export type { Pretrained } from './folders/loaded-model.ts';
export { loadTokenizer } from './folders/model-folder.ts';
export {
  type LoadPretrainedOptions,
  loadPretrained,
  pretrainedFiles,
  type SavePretrainedOptions,
  savePretrained,
} from './folders/pretrained.ts';
export {
  type LoadedValueNetwork,
  loadValueNetwork,
  type SaveValueNetworkOptions,
  saveValueNetwork,
} from './folders/value-folder.ts';
export type { StoredDtype } from './folders/weight-files.ts';

// GGUF files.

export { type SaveGgufOptions, saveGguf } from './gguf/save-gguf.ts';

// The Hub.

export { type DownloadModelOptions, downloadModel } from './hub/download-model.ts';

// Generation.

export { generate } from './generation/generate.ts';
export type { GenerateOptions, Generation } from './generation/generation.ts';
export { type Sampler, type SamplingSettings, sampler } from './generation/sampling.ts';

// Memory.

export { type MemoryPlan, type MemoryPlanOptions, memoryPlan } from './memory/memory-plan.ts';

// Policies and value models on this machine.

export { weightsDigest } from './policy/local-id.ts';
export { type LocalPolicyOptions, localPolicy, type StepShape } from './policy/local-policy.ts';
export { type LocalValueModelOptions, localValueModel } from './policy/local-value-model.ts';
export { stepDraws } from './policy/step-draws.ts';

// Tokenizers.

export { characterTokenizer } from './tokenizer/character-tokenizer.ts';
export { tokenizerFromJson } from './tokenizer/tokenizer.ts';
export type { Tokenizer, TokenizerConfig, TokenizerJson } from './tokenizer/types.ts';
export { type SpecialTokens, type WordTokenizerOptions, wordTokenizer } from './tokenizer/word-tokenizer.ts';
