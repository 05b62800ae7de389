/** Decoders in Hugging Face's terms: load, train, generate, save. */

export { type LoadedAdapters, loadAdapters, type SaveAdaptersOptions, saveAdapters } from './adapter-folder.ts';
export { type CausalLm, causalLm, type PassOptions, type TokenLogpsOptions } from './causal-lm.ts';
export { characterTokenizer } from './character-tokenizer.ts';
export { applyChatTemplate, type ChatMessage, type ChatTemplateOptions } from './chat-template.ts';
export { type Architecture, type ModelConfig, type ModelFamily, parseConfig } from './config.ts';
export type { Decoder } from './decoder.ts';
export { type GenerateOptions, type Generation, generate } from './generate.ts';
export { type LocalPolicyOptions, localPolicy, type StepShape } from './local-policy.ts';
export { type LocalValueModelOptions, localValueModel } from './local-value-model.ts';
export { applyLora, initLora, type LoraSettings, mergeLora } from './lora.ts';
export { loadTokenizer } from './model-folder.ts';
export { type Params, type Projection, parameterShapes, projections } from './parameters.ts';
export {
  type LoadPretrainedOptions,
  loadPretrained,
  type Pretrained,
  type SavePretrainedOptions,
  savePretrained,
} from './pretrained.ts';
export { decodingTables, inverseFrequencies, type RotaryTables, rotaryTables } from './rope.ts';
export type { RopeParameters, RopeScaling } from './rope-parameters.ts';
export { type Sampler, type SamplingSettings, sampler } from './sampling.ts';
export type { TokenMarks } from './scored-rows.ts';
export { type Tokenizer, type TokenizerConfig, type TokenizerJson, tokenizerFromJson } from './tokenizer.ts';
export {
  type LoadedValueNetwork,
  loadValueNetwork,
  type SaveValueNetworkOptions,
  saveValueNetwork,
} from './value-folder.ts';
export { type ValueActivation, type ValueHead, type ValueNetwork, valueHead, valueNetwork } from './value-head.ts';
export type { StoredDtype } from './weight-files.ts';
export { type SpecialTokens, type WordTokenizerOptions, wordTokenizer } from './word-tokenizer.ts';
