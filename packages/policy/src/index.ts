export { type BatchOptions, batchRequests } from './batch-requests.ts';
export { conserveCount, countOf, failedCandidates } from './candidates.ts';
export { chatControlTokens } from './choice.ts';
export type { ConnectionOptions } from './connection.ts';
export { PolicyError } from './errors.ts';
export { type OpenaiPolicyOptions, openaiPolicy } from './openai-policy.ts';
export type { ChatMessage, PromptOptions, SamplingOptions } from './openai-request.ts';
export { parseRetryAfter } from './retry-after.ts';
