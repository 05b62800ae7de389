export {
  type ColumnsConfig,
  defineConfig,
  type EvalConfig,
  type LoraConfig,
  type PromptConfig,
  type SearchConfig,
  type ServerConfig,
  type SvoConfig,
  type TrainConfig,
} from './config/config.ts';
