/** What a configuration is where it says nothing: DVO's search with a fifth of its iterations, greedy answers, a patient server. */
export const defaults = {
  seed: 1,
  backend: 'auto',
  format: 'blank-line',
  verifier: 'math',
  rounds: 1,
  prompt: { chat: 'auto' },
  train: { checkpointEvery: 50 },
  search: { from: 'trees', iterations: 16, breadth: 5, depth: 8, draws: 16, temperature: 1, stepTokens: 256 },
  eval: { samples: 1, temperature: 0, maxTokens: 1024 },
  // A beam search draws its steps as a search does.
  beam: 1,
  server: { keyFrom: 'OPENAI_API_KEY', endpoint: 'completions', logps: 'optional', concurrency: 32, timeoutS: 300 },
  serve: {
    host: '127.0.0.1',
    timeLimitS: 5,
    memoryMb: 256,
    bodyMb: 8,
    rows: 1024,
    queue: 8192,
    requestS: 60,
    transferS: 30,
  },
} as const;

/** The variable that holds a Tinker server's key. */
export const tinkerKey = 'TINKER_API_KEY';
