// Step formats.

export { blankLineFormat } from './formats/blank-line.ts';
export { boxedFormat } from './formats/boxed.ts';
export type { FormatRules } from './formats/custom.ts';
export { customFormat } from './formats/custom.ts';
export type { StepFormat } from './formats/format.ts';
export { gsm8kFormat } from './formats/gsm8k.ts';
export type { TokenSpanOptions } from './formats/token-span.ts';
export { tokenSpanFormat } from './formats/token-span.ts';
export { wholeFormat } from './formats/whole.ts';
export type { XmlStep } from './formats/xml.ts';
export { parseXmlStep, renderXmlStep, xmlFormat } from './formats/xml.ts';

// For policies: candidates, and states as token ids.

export { mergeCandidates } from './policies/merge-candidates.ts';
export { promptIds } from './policies/prompt-ids.ts';
export { type StateTokenizer, statePieces } from './policies/state-pieces.ts';

// States, steps, options.

export { canonicalJson, contentHash } from './hash.ts';
export { assertCounts, assertOptions } from './options.ts';
export type { Discount } from './returns.ts';
export { discountedReturns, lambdaReturns, outcomeRewards, shapedRewards, stepCredits, tdErrors } from './returns.ts';
export { initialState, isTerminal, renderPrefix, transition } from './state.ts';
export type {
  Candidate,
  Draw,
  Failure,
  Finish,
  Message,
  PairKind,
  PairSide,
  Policy,
  ProposeRequest,
  Question,
  State,
  Step,
  StepPair,
  Trajectory,
  ValuedTrajectory,
  ValueModel,
  Verdict,
  Verifier,
} from './types.ts';
export { equivalentOf } from './verdict.ts';

// Randomness.

export { normal, normals } from './randomness/normal.ts';
export type { Rng } from './randomness/rng.ts';
export { createRng, integer, permutation, seedFrom, shuffle, splitRng, uniform, uniforms } from './randomness/rng.ts';
