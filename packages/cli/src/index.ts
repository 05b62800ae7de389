export {
  type ColumnsConfig,
  defineConfig,
  type EvalConfig,
  type LoraConfig,
  type PromptConfig,
  type SearchConfig,
  type ServeConfig,
  type ServerConfig,
  type SvoConfig,
  type TrainConfig,
} from './config/config.ts';
export type { PoolCounts } from './serving/judge-pool.ts';
export { type JudgeServer, type JudgeServerOptions, serveJudge } from './serving/serve-judge.ts';
