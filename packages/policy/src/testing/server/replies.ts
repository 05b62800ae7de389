import { type Body, type Choice, type Job, record } from './jobs.ts';
import type { ScoredText } from './served-model.ts';

/** Python counts code points where JavaScript counts code units. */
function offsets(tokens: readonly string[]): number[] {
  let at = 0;
  return tokens.map((token) => {
    const start = at;
    at += [...token].length;
    return start;
  });
}

function flat(tokens: readonly string[], logps: readonly (number | null)[]): Body {
  return { tokens, token_logprobs: logps, text_offset: offsets(tokens), top_logprobs: null };
}

function usage(choices: readonly Choice[]): Body {
  const prompt = choices[0]?.promptTokens ?? 0;
  const completion = choices.reduce((total, { tokens }) => total + tokens.length, 0);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

/** A choice of `/v1/completions`. */
function completionsChoice(choice: Choice, job: Job, body: Body): Body {
  const echoed = body.echo === true && choice.prompt !== undefined ? choice.prompt : undefined;
  const tokens = [...(echoed?.tokens ?? []), ...choice.tokens];
  const logps = [...(echoed?.logps ?? []), ...choice.logps];
  return {
    index: choice.index,
    text: (echoed?.tokens.join('') ?? '') + choice.text,
    finish_reason: choice.finishReason,
    stop_reason: choice.stopReason,
    logprobs: job.logps ? flat(tokens, logps) : null,
    ...(body.return_token_ids === true ? { token_ids: choice.tokenIds } : {}),
    ...(typeof body.prompt_logprobs === 'number' && choice.prompt !== undefined
      ? { prompt_logprobs: promptLogprobs(choice.prompt) }
      : {}),
  };
}

/** vLLM's `prompt_logprobs`: for each token but the first, a record by token id. */
function promptLogprobs(scored: ScoredText): unknown[] {
  return scored.tokens.map((token, at) => {
    const logprob = scored.logps[at];
    return logprob === null ? null : { [scored.tokenIds[at]!]: { logprob, rank: 1, decoded_token: token } };
  });
}

const thought = ({ reasoning }: Choice): Body => (reasoning === undefined ? {} : { reasoning_content: reasoning });

/** A choice of `/v1/chat/completions`. */
function chatChoice(choice: Choice, job: Job): Body {
  const content = choice.tokens.map((token, at) => ({
    token,
    logprob: choice.logps[at],
    bytes: null,
    top_logprobs: [],
  }));
  return {
    index: choice.index,
    message: { role: 'assistant', content: choice.text, ...thought(choice) },
    finish_reason: choice.finishReason,
    stop_reason: choice.stopReason,
    logprobs: job.logps ? { content } : null,
  };
}

/** An answer of SGLang's `/generate`. */
function generateAnswer(choice: Choice, job: Job): Body {
  const triples = (scored: {
    tokens: readonly string[];
    tokenIds: readonly number[];
    logps: readonly (number | null)[];
  }): unknown[] => scored.tokens.map((token, at) => [scored.logps[at], scored.tokenIds[at], token]);
  return {
    text: choice.text,
    index: choice.index,
    meta_info: {
      id: `fake-${choice.index}`,
      finish_reason:
        choice.finishReason === 'length'
          ? { type: 'length', length: choice.tokens.length }
          : { type: 'stop', matched: choice.stopReason ?? choice.tokenIds.at(-1) ?? 0 },
      prompt_tokens: choice.promptTokens,
      completion_tokens: choice.tokens.length,
      cached_tokens: 0,
      ...(job.logps ? { output_token_logprobs: triples(choice) } : {}),
      ...(choice.prompt !== undefined ? { input_token_logprobs: triples(choice.prompt) } : {}),
    },
  };
}

/** A whole reply. */
export function wholeReply(path: string, choices: readonly Choice[], job: Job, body: Body): unknown {
  if (path === '/generate') {
    const answers = choices.map((choice) => generateAnswer(choice, job));
    return answers.length === 1 && !Array.isArray(body.text) ? answers[0] : answers;
  }
  const chat = path.endsWith('/chat/completions');
  return {
    id: 'fake-1',
    object: chat ? 'chat.completion' : 'text_completion',
    model: body.model ?? null,
    choices: choices.map((choice) => (chat ? chatChoice(choice, job) : completionsChoice(choice, job, body))),
    usage: usage(choices),
  };
}

/** The same reply as events, a token each, the choices interleaved as a batching engine interleaves them. */
export function replyEvents(path: string, choices: readonly Choice[], job: Job, body: Body): string[] {
  const events: unknown[] = [];
  const longest = Math.max(0, ...choices.map(({ tokens }) => tokens.length));
  for (let at = 0; at < Math.max(1, longest); at++) {
    for (const choice of choices) {
      if (at < Math.max(1, choice.tokens.length)) events.push(piece(path, choice, at, job, body));
    }
  }
  if (path !== '/generate') events.push({ choices: [], usage: usage(choices) });
  return [...events.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`);
}

/** What one token adds. The text stops short of the stop string, the log-probs don't. */
function piece(path: string, choice: Choice, at: number, job: Job, body: Body): unknown {
  const last = at >= choice.tokens.length - 1;
  const before = choice.tokens.slice(0, at).join('').length;
  const until = last ? choice.text.length : before + choice.tokens[at]!.length;
  const part: Choice = {
    ...choice,
    text: choice.text.slice(before, Math.min(until, choice.text.length)),
    tokens: choice.tokens.slice(at, at + 1),
    tokenIds: choice.tokenIds.slice(at, at + 1),
    logps: choice.logps.slice(at, at + 1),
  };
  if (path === '/generate') {
    const soFar = {
      ...choice,
      text: choice.text.slice(0, until),
      tokens: choice.tokens.slice(0, at + 1),
      logps: choice.logps.slice(0, at + 1),
    };
    const answer = generateAnswer(soFar, job);
    return last ? answer : { ...answer, meta_info: { ...record(answer.meta_info), finish_reason: null } };
  }
  const ending = last ? {} : { finish_reason: null, stop_reason: null };
  if (path.endsWith('/chat/completions')) {
    const { message, ...rest } = chatChoice(part, job);
    return { choices: [{ ...rest, delta: message, ...ending }] };
  }
  return { choices: [{ ...completionsChoice(part, job, { return_token_ids: body.return_token_ids }), ...ending }] };
}
