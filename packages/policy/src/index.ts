/** Policies behind servers. */

/** Connections and what goes wrong with them. */
export type { ConnectionOptions } from './http/connection.ts';
export { PolicyError } from './http/errors.ts';
export { parseRetryAfter } from './http/retry-after.ts';
export { messageRedactor, type Redact } from './http/secrets.ts';
/** A GGUF in this process, by node-llama-cpp. */
export type { LlamaContext, LlamaModel, LlamaSequence } from './in-process/llama-context.ts';
export { type NodeLlamaPolicyOptions, nodeLlamaPolicy } from './in-process/node-llama-policy.ts';
export { type NodeLlamaScorerOptions, nodeLlamaScorer } from './in-process/node-llama-scorer.ts';
export { chatControlTokens } from './servers/choices/control-tokens.ts';
export { type OpenaiPolicyOptions, openaiPolicy } from './servers/openai/openai-policy.ts';
export type { ChatTurn, PromptOptions, SamplingOptions } from './servers/openai/openai-request.ts';
export { type OpenaiScorerOptions, openaiScorer } from './servers/openai/openai-scorer.ts';
/** Value models behind servers. */
export { type OpenaiValueModelOptions, openaiValueModel } from './servers/openai/openai-value-model.ts';
/** Log-probs of given steps. */
export { alignTokens, sumByStep } from './servers/scoring/align-tokens.ts';
export { type LlamaScorerOptions, llamaScorer } from './servers/scoring/llama-scorer.ts';
export type { ScoreRequest, StepScore, StepScorer } from './servers/scoring/scorer.ts';
export { type SglangPolicyOptions, sglangPolicy } from './servers/sglang/sglang-policy.ts';
export { type SglangScorerOptions, sglangScorer } from './servers/sglang/sglang-scorer.ts';
/** Wrappers: each takes a policy and returns one. */
export { backoffMs, type RetryOptions } from './wrappers/backoff.ts';
export { type BatchOptions, batchRequests } from './wrappers/batch-requests.ts';
/** For policies of one's own. */
export { conserveCount, countOf, failedCandidates } from './wrappers/candidates.ts';
export type { Receipt } from './wrappers/receipts.ts';
export { type CacheStore, memoryStore, withCache } from './wrappers/with-cache.ts';
export { withConcurrency } from './wrappers/with-concurrency.ts';
export { type RateLimitOptions, withRateLimit } from './wrappers/with-rate-limit.ts';
export { withRetry } from './wrappers/with-retry.ts';
export { withTimeout } from './wrappers/with-timeout.ts';
export { createLedger, type UsageLedger, withUsage } from './wrappers/with-usage.ts';
