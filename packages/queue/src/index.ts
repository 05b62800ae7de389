export { enqueueSearch } from './enqueue-search.ts';
export { type SearchJob, searchJobId } from './job.ts';
export { memorySearchQueue } from './memory-queue.ts';
export type { Answer, Kept, RetryPolicy, SearchQueue, WorkOptions } from './queue.ts';
export { type RedisQueueOptions, redisSearchQueue } from './redis/redis-queue.ts';
export { results, type SearchResult } from './results.ts';
export { searchWorker, type WorkerReport } from './search-worker.ts';
