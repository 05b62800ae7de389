import type { Failure } from '@svo/mdp';

/**
 * How a choice ended, in one word: still `open`, at a stop string or the end of sequence (`stop`; the word does not tell),
 * at the end of sequence (`end`), at a stop string (`stop-string`), out of tokens (`length`), in a call of a tool (`tool`), given
 * up by the server (`lost`), or by a word that is not known (`unknown`).
 */
export interface Ending {
  readonly how: 'open' | 'stop' | 'end' | 'stop-string' | 'length' | 'tool' | 'lost' | 'unknown';
  /** Of what kind a choice is lost that the server gave up. */
  readonly kind?: Failure['kind'];
}

/** Words in use, by what they mean: OpenAI, vLLM, SGLang, TGI, Ollama, llama.cpp, Mistral, Cohere, Gemini, Anthropic and their gateways. */
const words: readonly (readonly [Ending, readonly string[]])[] = [
  [{ how: 'open' }, ['', 'null', 'none', 'unspecified']],
  [{ how: 'stop' }, ['stop', 'stopped', 'complete', 'completed', 'done', 'finished', 'end']],
  [
    { how: 'end' },
    ['eos', 'eos_token', 'end_turn', 'end_of_turn', 'eot', 'stop_token', 'end_of_sequence', 'endoftext'],
  ],
  [{ how: 'stop-string' }, ['stop_sequence', 'stop_string', 'stop_word', 'stop_str']],
  [
    { how: 'length' },
    [
      'length',
      'max_tokens',
      'max_length',
      'max_new_tokens',
      'max_output_tokens',
      'max_completion_tokens',
      'model_length',
    ],
  ],
  [{ how: 'length' }, ['limit', 'token_limit', 'context_length', 'model_context_window_exceeded']],
  [{ how: 'tool' }, ['tool_calls', 'tool_call', 'tool_use', 'function_call']],
  [
    { how: 'lost', kind: 'refused' },
    [
      'content_filter',
      'content_filtered',
      'filtered',
      'safety',
      'refusal',
      'recitation',
      'blocklist',
      'prohibited_content',
    ],
  ],
  [{ how: 'lost', kind: 'timeout' }, ['timeout', 'time_limit', 'timed_out']],
  [
    { how: 'lost', kind: 'server' },
    ['abort', 'aborted', 'error', 'cancelled', 'canceled', 'failed', 'unload', 'load', 'insufficient_system_resource'],
  ],
];

const endings = new Map(words.flatMap(([ending, list]) => list.map((word) => [word, ending] as const)));

/** What a `finish_reason` says, in whatever case and spelling (`FinishReason.STOP`, `FINISH_REASON_MAX_TOKENS`, `end-turn`). */
export function readEnding(reason: string | null): Ending {
  const word = (reason ?? '')
    .slice(0, 100)
    .trim()
    .toLowerCase()
    .replace(/^finish_?reason[._:]?/, '')
    .replace(/[\s-]+/g, '_');
  return endings.get(word) ?? { how: 'unknown' };
}
