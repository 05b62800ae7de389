/**
 * The server of `busy-server.ts` without HTTP and without a clock: a `fetch` that answers in virtual time. What a schedule
 * reaches here is what it can reach; what the real run lacks of it, HTTP and the machine have cost.
 */
import type { ServedModel, SlotUse } from '@svo/policy/testing';

/** The engine, to be given to `openaiPolicy` as its `fetch`. */
export interface VirtualEngine {
  readonly fetch: typeof fetch;
  /** Lets time pass until `work` is done. */
  readonly run: <Result>(work: Promise<Result>) => Promise<Result>;
  readonly use: () => SlotUse;
}

/** How long a sequence holds its slot. */
export interface Latency {
  readonly prefillMs: number;
  readonly msPerToken: number;
}

/** Turns of the event loop between two moments: enough for a reply to be read, told to its tree and followed by the next ask. */
const turnsToReact = 8;

/** A continuous-batching engine of some slots over a model, speaking `/v1/completions` in one process. */
export function virtualEngine(model: ServedModel, slots: number, latency: Latency): VirtualEngine {
  const running: { readonly end: number; readonly done: () => void }[] = [];
  const waiting: { readonly ms: number; readonly done: () => void }[] = [];
  let head = 0;
  let now = 0;
  let used = 0;
  let sequences = 0;
  let peak = 0;

  const admit = (): void => {
    for (; running.length < slots && head < waiting.length; head++) {
      const { ms, done } = waiting[head]!;
      running.push({ end: now + ms, done });
      used += ms;
      sequences++;
    }
    peak = Math.max(peak, running.length);
    if (head > 4096 && 2 * head > waiting.length) waiting.splice(0, head);
    if (head > waiting.length) head = 0;
  };
  const hold = (ms: number): Promise<void> =>
    new Promise((done) => {
      waiting.push({ ms, done });
      admit();
    });

  const answer = async (body: string): Promise<Response> => {
    const { prompt, seed, n, max_tokens: maxTokens, stop } = JSON.parse(body);
    const samples = Array.from({ length: n }, (_, sample) =>
      model.sample(prompt, { seed: seed + sample, maxTokens, stop }),
    );
    await Promise.all(samples.map(({ tokens }) => hold(latency.prefillMs + latency.msPerToken * tokens.length)));
    const choices = samples.map(({ text, tokens, logps, finishReason, stopReason }, index) => ({
      index,
      text,
      finish_reason: finishReason,
      stop_reason: stopReason,
      logprobs: { tokens, token_logprobs: logps },
    }));
    return new Response(JSON.stringify({ choices, usage: { prompt_tokens: 1, completion_tokens: 1 } }));
  };

  return {
    fetch: (_, init) => answer(String(init?.body)),
    run: async (work) => {
      let going = true;
      const over = (): void => {
        going = false;
      };
      work.then(over, over);
      while (going) {
        for (let turn = 0; turn < turnsToReact; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (running.length === 0) continue;
        now = running.reduce((first, { end }) => Math.min(first, end), Number.POSITIVE_INFINITY);
        for (let at = running.length - 1; at >= 0; at--) {
          if (running[at]!.end > now) continue;
          running[at]!.done();
          running[at] = running.at(-1)!;
          running.pop();
        }
        admit();
      }
      return work;
    },
    use: () => ({ slots, sequences, peak, busy: used / (slots * now) }),
  };
}
