/** Everything that `svo` may be told, by a configuration file or by `--set`. Each command reads what it needs of it. */
export interface SvoConfig {
  /**
   * The model that learns and answers: a model folder, a `.gguf` file, a name on the Hub (`Qwen/Qwen3-0.6B`), the address of a server
   * that speaks OpenAI's protocol (`http://127.0.0.1:8080`), or one that speaks the Tinker API (`tinker://host:port/org/model`).
   *
   * @example
   * ```ts
   * import { defineConfig } from '@svo/cli';
   * defineConfig({ model: './model' }).model; // => './model'
   * ```
   */
  readonly model?: string;
  /** Who draws solutions in `svo search` and `svo run`: whatever `model` may be. The model itself by default. */
  readonly policy?: string;
  /**
   * What is learned from or asked. `svo train`: TRL rows (`.jsonl`, `.json`, `.parquet`, packed ones too), a folder of trees, or a run's
   * folder. `svo search`, `svo run`: questions. `svo judge`: rows with an answer and a response. Several are read one after another.
   */
  readonly data?: string | readonly string[];
  /** Questions that a model is measured on: of `svo eval`, and of `svo run` after every round. */
  readonly test?: string | readonly string[];
  /**
   * What is asked: `'arc'`, `'countdown'`, `'csqa'`, `'game24'`, `'gsm8k'`, `'math'`, `'obqa'`, `'sciq'` (each of `@svo/recipes/tasks`), or the path of a module whose
   * default export is a `Task`. It says how rows are read, the prompt's template, the format and the verifier; what is said beside it comes first.
   *
   * @example
   * ```ts
   * import { defineConfig } from '@svo/cli';
   * defineConfig({ task: 'obqa', data: 'train.jsonl' }).task; // => 'obqa'
   * ```
   */
  readonly task?: string;
  /** Which columns of a question's row hold what. */
  readonly columns?: ColumnsConfig;
  /** How a question becomes the text a model continues. */
  readonly prompt?: PromptConfig;
  /**
   * What says how good a beginning of a solution is, for `svo eval` by beam search: a model folder that `svo train` left under `value`,
   * `outcome-value`, `step-bce`, `pqm`, `svpo`, `dqo`, `oreo` or `dro`, or a reward model of one label.
   *
   * @example
   * ```ts
   * import { defineConfig } from '@svo/cli';
   * defineConfig({ value: 'runs/values/model', eval: { beam: 5 } }).eval?.beam; // => 5
   * ```
   */
  readonly value?: string;
  /** How a response is cut into steps: `'blank-line'` by default, as in DVO; `'boxed'` ends with `\boxed{}`, `'gsm8k'` with `#### `. */
  readonly format?: 'blank-line' | 'boxed' | 'gsm8k';
  /** Who judges: `'math'` (default), `'gsm8k'`, `'choice'`, `'countdown'`, or the path of a module whose default export is a `Verifier`. */
  readonly verifier?: string;
  /** What is trained: a recipe of `@svo/recipes` (`'dpo'`, `'dvo'`, …) or a loss by its name (`'simpo'`, `'ipo'`, …). */
  readonly objective?: string;
  /** The folder that everything is written into: `runs/<command>` by default. */
  readonly out?: string;
  /** Every random choice follows from it; 1 by default. */
  readonly seed?: number;
  /** What computes: the best that works by default. */
  readonly backend?: 'auto' | 'tensorflow-gpu' | 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';
  /** Threads of the wasm backend; all there are by default. */
  readonly threads?: number;
  /** Rounds of search and training of `svo run`; 1 by default. */
  readonly rounds?: number;
  readonly train?: TrainConfig;
  readonly search?: SearchConfig;
  readonly eval?: EvalConfig;
  readonly server?: ServerConfig;
  readonly serve?: ServeConfig;
}

/** Names of columns. Without them the usual ones are looked for: `prompt question problem`, `answer solution answerKey`, `id question_id`. */
export interface ColumnsConfig {
  readonly id?: string;
  readonly prompt?: string;
  readonly answer?: string;
  /** The model's answer, for `svo judge`: `response completion completions` without it. */
  readonly response?: string;
}

/** How a question becomes the text a model continues. */
export interface PromptConfig {
  /**
   * Its text, with `{question}` where the question stands; `'{question}'` by default.
   *
   * @example
   * ```ts
   * import { defineConfig } from '@svo/cli';
   * const config = defineConfig({ prompt: { template: 'Question: {question}\nAnswer:' } });
   * config.prompt?.template?.includes('{question}'); // => true
   * ```
   */
  readonly template?: string;
  /** The system's message of a conversation. */
  readonly system?: string;
  /** Whether it is a conversation, rendered by the model's chat template: where the model has one (`'auto'`, the default), always, never. */
  readonly chat?: 'auto' | boolean;
}

/** How a model is trained. What is left out is the objective's own default. */
export interface TrainConfig {
  /** β, the strength of the anchor to the reference. */
  readonly beta?: number;
  /** The peak of the learning rate; it rises over ten updates and falls as a cosine. */
  readonly learningRate?: number;
  /** Rows of an update. */
  readonly batchSize?: number;
  /** How many updates. */
  readonly updates?: number;
  /** Passes over the rows, instead of `updates`. */
  readonly epochs?: number;
  /** The most tokens of a row; longer ones are left out, and counted. */
  readonly maxLength?: number;
  /** Weight of an SFT term on right trajectories beside DVO. */
  readonly sftWeight?: number;
  /** Train adapters of this rank instead of all weights. */
  readonly lora?: LoraConfig;
  /** Updates between two checkpoints: what a power cut can cost. 50 by default. */
  readonly checkpointEvery?: number;
  /** Further options of a loss chosen by its name, such as SimPO's `{ margin: 1.4 }`. */
  readonly loss?: Readonly<Record<string, number | string | boolean>>;
}

/** Low-rank adapters, as in PEFT. */
export interface LoraConfig {
  readonly rank: number;
  /** Twice the rank by default. */
  readonly alpha?: number;
  /** All projections by default. */
  readonly targets?: readonly string[];
}

/** How solutions are drawn and valued. */
export interface SearchConfig {
  /** `'trees'` (default): MCTS by DVO's rules; `'draws'`: independent solutions, valued by the prefixes they share. */
  readonly from?: 'trees' | 'draws';
  /** Questions of a round; all by default. */
  readonly questions?: number;
  /** Leaves that the search of a question expands; 16 by default (DVO's paper has 80). */
  readonly iterations?: number;
  /** Next steps drawn at a leaf; 5 by default. */
  readonly breadth?: number;
  /** The most steps of a solution; 8 by default. */
  readonly depth?: number;
  /** Whole solutions of a question, of `draws`; 16 by default. */
  readonly draws?: number;
  readonly temperature?: number;
  /** The most tokens of a step; 256 by default. */
  readonly stepTokens?: number;
}

/** How a model is measured. */
export interface EvalConfig {
  /** Questions; all by default. */
  readonly questions?: number;
  /** Answers to each; 1 by default. */
  readonly samples?: number;
  /** 0 (default): the likeliest token every time. Of a beam search 1 by default, and above 0. */
  readonly temperature?: number;
  /** The most tokens of an answer; 1024 by default. */
  readonly maxTokens?: number;
  /** Beginnings that a beam search under `value` keeps; 1 by default. */
  readonly beam?: number;
  /** Next steps that it draws of each; 5 by default. */
  readonly breadth?: number;
  /** The most steps of its answers; 8 by default. */
  readonly depth?: number;
  /** The most tokens of its steps; 256 by default. */
  readonly stepTokens?: number;
}

/** How a server is asked. Keys are never written here: they come from the environment. */
export interface ServerConfig {
  /** The name the server knows the model by; its first one by default. */
  readonly name?: string;
  /** The environment variable that holds the key; `OPENAI_API_KEY` (`TINKER_API_KEY` for `tinker://`) by default, and none is fine. */
  readonly keyFrom?: string;
  /** `'completions'` (default) or `'chat'`. */
  readonly endpoint?: 'completions' | 'chat';
  /** Whether log-probs are asked for: `'optional'` by default. */
  readonly logps?: 'required' | 'optional' | 'none';
  /** The folder with the tokenizer of a `tinker://` model, whose server takes token ids. */
  readonly tokenizer?: string;
  /** Requests in flight; 32 by default. */
  readonly concurrency?: number;
  /** Seconds until a request counts as lost; 300 by default. */
  readonly timeoutS?: number;
}

/** What `svo judge --serve` may spend; everything has a bound. What is over it is refused (413, 429) or undecided, never waited for. */
export interface ServeConfig {
  /** The address it listens at: `127.0.0.1` by default. Any other needs `SVO_JUDGE_TOKEN` in the environment, which clients bring. */
  readonly host?: string;
  /** Processes that judge; one a processor by default, at most 8. */
  readonly workers?: number;
  /** Seconds of one verdict; 5 by default. Then its process is killed and replaced, and the row is undecided. */
  readonly timeLimitS?: number;
  /** Megabytes of a judging process's heap; 256 by default. */
  readonly memoryMb?: number;
  /** Megabytes of one request; 8 by default. */
  readonly bodyMb?: number;
  /** Rows of one request; 1,024 by default. */
  readonly rows?: number;
  /** Rows that wait, of all requests together; 8,192 by default. A request beyond it is told to come again (429). */
  readonly queue?: number;
  /** Seconds until a request is answered; 60 by default. Rows that were not judged by then are undecided. */
  readonly requestS?: number;
  /** Seconds in which a request has to have come in, and its answer to have been taken; 30 by default, a third of them for headers. */
  readonly transferS?: number;
}

/**
 * A configuration with its types: the default export of `svo.config.ts`. It is what it was; the program checks it.
 *
 * @example
 * ```ts
 * import { defineConfig } from '@svo/cli';
 * const config = defineConfig({
 *   model: './model',
 *   data: 'chat.jsonl',
 *   objective: 'dpo',
 *   train: { learningRate: 1e-5, epochs: 1, lora: { rank: 16 } },
 * });
 * config.objective; // => 'dpo'
 * ```
 */
export function defineConfig(config: SvoConfig): SvoConfig {
  return config;
}
