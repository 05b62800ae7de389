export { batches, packedBatches, pairBatches, unpairedBatches } from './batches.ts';
export { collate } from './collate.ts';
export type { PairBatch } from './collate-pairs.ts';
export { collatePairs } from './collate-pairs.ts';
export type { RenderMessages } from './conversation.ts';
export type { Batch, Example, HostArray } from './example.ts';
export { fromDvoRow, fromOreoRow, fromStepDpoRow } from './foreign-rows.ts';
export type { FromTrlOptions, TrlContent } from './from-trl.ts';
export { fromTrlRow } from './from-trl.ts';
export type { CollateOptions } from './layout.ts';
export type { Cursor, OrderOptions, Planned } from './order.ts';
export { batchOrder } from './order.ts';
export type { PackedBatch } from './pack.ts';
export { packExamples } from './pack.ts';
export type { PairExample, ResponsePair } from './pairs.ts';
export { tokenizePair } from './pairs.ts';
export type { ReferenceCache, ReferenceOptions, ReferenceResult } from './reference-cache.ts';
export { referenceCache, referenceKey } from './reference-cache.ts';
export type {
  DvoRow,
  Message,
  OreoRow,
  PreferenceRow,
  PromptCompletionRow,
  PromptRow,
  StepDpoRow,
  StepwiseRow,
  TextOrMessages,
  UnpairedRow,
} from './row-types.ts';
export type { ReadOptions, Row } from './rows.ts';
export { readRows, writeRows } from './rows.ts';
export { rowSchemas } from './schemas.ts';
export type { ToTrlOptions } from './to-trl.ts';
export { toTrlRow } from './to-trl.ts';
export type { TokenizableTrajectory, TokenizeOptions } from './tokenize.ts';
export { tokenizeTrajectory } from './tokenize.ts';
export type { Tokenizer } from './tokenizer.ts';
export type { Truncation } from './truncate.ts';
export { truncateExamples, truncateSteps } from './truncate.ts';
export type { UnpairedBatch, UnpairedExample } from './unpaired.ts';
export { collateUnpaired, mismatchedExamples, tokenizeUnpaired } from './unpaired.ts';
