export { batches, packedBatches, pairBatches, unpairedBatches } from './batches/batches.ts';
export { collate } from './batches/collate.ts';
export type { PairBatch } from './batches/collate-pairs.ts';
export { collatePairs } from './batches/collate-pairs.ts';
export type { CollateOptions } from './batches/layout.ts';
export type { Cursor, OrderOptions, Planned } from './batches/order.ts';
export { batchOrder } from './batches/order.ts';
export type { PackedBatch } from './batches/pack.ts';
export { packExamples } from './batches/pack.ts';
export type { Batch, Example } from './examples/example.ts';
export type { PairExample, ResponsePair } from './examples/pairs.ts';
export { tokenizePair } from './examples/pairs.ts';
export type { ReferenceCache, ReferenceOptions, ReferenceResult } from './examples/reference-cache.ts';
export { referenceCache, referenceKey } from './examples/reference-cache.ts';
export type { TokenizableTrajectory, TokenizeOptions } from './examples/tokenize.ts';
export { tokenizeTrajectory } from './examples/tokenize.ts';
export type { Tokenizer } from './examples/tokenizer.ts';
export type { Truncation } from './examples/truncate.ts';
export { truncateExamples, truncateSteps } from './examples/truncate.ts';
export type { UnpairedBatch, UnpairedExample } from './examples/unpaired.ts';
export { collateUnpaired, mismatchedExamples, tokenizeUnpaired } from './examples/unpaired.ts';
export type { RenderMessages } from './rows/conversation.ts';
export { fromDvoRow, fromOreoRow, fromStepDpoRow } from './rows/foreign-rows.ts';
export type { FromTrlOptions, TrlContent } from './rows/from-trl.ts';
export { fromTrlRow } from './rows/from-trl.ts';
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
} from './rows/row-types.ts';
export type { ReadOptions, Row } from './rows/rows.ts';
export { readRows, writeRows } from './rows/rows.ts';
export { rowSchemas } from './rows/schemas.ts';
export type { ToTrlOptions } from './rows/to-trl.ts';
export { toTrlRow } from './rows/to-trl.ts';
