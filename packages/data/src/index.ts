// Rows: what files hold.

export type { Message } from '@svo/mdp';
export type { RenderMarked, RenderMessages, Spans } from './rows/conversation.ts';
export { fromDvoRow, fromOreoRow, fromStepDpoRow } from './rows/foreign-rows.ts';
export type { FromTrlOptions, TrlContent } from './rows/from-trl.ts';
export { fromTrlRow } from './rows/from-trl.ts';
export type {
  DrawColumn,
  DvoRow,
  MessagesRow,
  OreoRow,
  PreferenceRow,
  PromptCompletionRow,
  PromptRow,
  StepDpoRow,
  StepwiseRow,
  TextOrMessages,
  TextRow,
  UnpairedRow,
} from './rows/row-types.ts';
export type { ReadOptions, Row } from './rows/rows.ts';
export { readRows, writeRows } from './rows/rows.ts';
export { rowSchemas } from './rows/schemas.ts';
export type { ToTrlOptions } from './rows/to-trl.ts';
export { toTrlRow } from './rows/to-trl.ts';

// Examples: rows as tokens.

export type { TokenizeOptions } from './examples/assemble.ts';
export type { TokenizableCompletion } from './examples/completions.ts';
export { tokenizeCompletion } from './examples/completions.ts';
export type { Batch, Example } from './examples/example.ts';
export type { PairExample, ResponsePair } from './examples/pairs.ts';
export { tokenizePair } from './examples/pairs.ts';
export type { ReferenceCache, ReferenceOptions, ReferenceResult } from './examples/reference-cache.ts';
export { referenceCache, referenceKey } from './examples/reference-cache.ts';
export type { TokenizableTrajectory } from './examples/tokenize.ts';
export { tokenizeTrajectory } from './examples/tokenize.ts';
export type { TokenizerLike } from './examples/tokenizer.ts';
export type { Truncation } from './examples/truncate.ts';
export { truncateExamples, truncateSteps } from './examples/truncate.ts';
export type { Truncated, TruncatePairsOptions } from './examples/truncate-pairs.ts';
export { truncatePairs, truncateUnpaired } from './examples/truncate-pairs.ts';
export type { UnpairedExample } from './examples/unpaired.ts';
export { mismatchedExamples, tokenizeUnpaired } from './examples/unpaired.ts';

// Batches: examples in an order, padded or packed.

export {
  batches,
  packedBatches,
  packedPairBatches,
  packedUnpairedBatches,
  pairBatches,
  unpairedBatches,
} from './batches/batches.ts';
export { collate } from './batches/collate.ts';
export type { PairBatch } from './batches/collate-pairs.ts';
export { collatePairs } from './batches/collate-pairs.ts';
export type { UnpairedBatch } from './batches/collate-unpaired.ts';
export { collateUnpaired } from './batches/collate-unpaired.ts';
export type { CollateOptions } from './batches/layout.ts';
export type { Cursor, OrderOptions, Planned, SavedCursor } from './batches/order.ts';
export { batchOrder } from './batches/order.ts';
export type { PackedBatch } from './batches/pack.ts';
export { packExamples } from './batches/pack.ts';
export type { PackedPairBatch } from './batches/pack-pairs.ts';
export { packPairs } from './batches/pack-pairs.ts';
export type { PackedUnpairedBatch } from './batches/pack-unpaired.ts';
export { packUnpaired } from './batches/pack-unpaired.ts';
