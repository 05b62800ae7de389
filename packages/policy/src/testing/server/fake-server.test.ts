import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toyModel } from '../toy-model.ts';
import { type FakeServer, fakeServer } from './fake-server.ts';

const model = toyModel({ seed: 12 });
let server: FakeServer;
beforeAll(async () => {
  server = await fakeServer({ model });
});
afterAll(() => server.close());

const post = async (path: string, body: object): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
interface Wire {
  readonly choices: readonly {
    readonly index: number;
    readonly text?: string;
    readonly message?: { readonly content: string };
    readonly delta?: { readonly content?: string };
    readonly logprobs?: { readonly tokens: readonly string[] };
    readonly prompt_logprobs?: readonly (Readonly<Record<string, unknown>> | null)[];
  }[];
  readonly usage: { readonly completion_tokens: number };
}
interface Generated {
  readonly text: string;
  readonly meta_info: { readonly finish_reason: unknown };
}
const json = async <T = Wire>(path: string, body: object): Promise<T> => (await (await post(path, body)).json()) as T;

describe('/v1/completions', () => {
  it('samples with seed + i, and tells how each one ended', async () => {
    const { choices, usage } = await json('/v1/completions', {
      prompt: 'Add',
      n: 3,
      seed: 5,
      max_tokens: 20,
      stop: ['\n\n'],
      logprobs: 1,
    });
    choices.forEach((choice, i) => {
      const drawn = model.sample('Add', { seed: 5 + i, maxTokens: 20, stop: ['\n\n'] });
      expect(choice).toMatchObject({
        index: i,
        text: drawn.text,
        finish_reason: drawn.finishReason,
        stop_reason: drawn.stopReason,
      });
      expect(choice.logprobs).toMatchObject({ tokens: drawn.tokens, token_logprobs: drawn.logps });
    });
    expect(usage.completion_tokens).toBe(choices.reduce((sum, choice) => sum + choice.logprobs!.tokens.length, 0));
  });

  it('takes several prompts, and scores with echo and with prompt_logprobs', async () => {
    const texts = ['Add two.', 'x 🙂'];
    const echoed = await json('/v1/completions', { prompt: texts, echo: true, max_tokens: 0, logprobs: 1 });
    const scored = await json('/v1/completions', { prompt: texts, max_tokens: 1, prompt_logprobs: 0 });
    texts.forEach((text, index) => {
      const { tokens, logps, tokenIds } = model.score(text);
      expect(echoed.choices[index]).toMatchObject({ text, logprobs: { tokens, token_logprobs: logps } });
      const records = scored.choices[index]!.prompt_logprobs!;
      expect(records[0]).toBeNull();
      expect(records[1]![tokenIds[1]!]).toMatchObject({ logprob: logps[1], decoded_token: tokens[1] });
    });
  });
});

it('streams what it would have sent in one piece, on every path', async () => {
  const cases = [
    ['/v1/completions', { prompt: 'Add', n: 2, seed: 3, max_tokens: 20 }, (event: Wire) => event.choices?.[0]?.text],
    [
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: 'Add' }], n: 2, seed: 3, max_tokens: 20 },
      (event: Wire) => event.choices?.[0]?.delta?.content,
    ],
  ] as const;
  for (const [path, body, textOf] of cases) {
    const whole = await json(path, body);
    const lines = (await (await post(path, { ...body, stream: true })).text())
      .split('\n\n')
      .filter((line) => line !== '');
    expect(lines.at(-1)).toBe('data: [DONE]');
    const events = lines.slice(0, -1).map((line) => JSON.parse(line.slice(6)) as Wire);
    for (const choice of whole.choices) {
      const pieces = events.filter((event) => event.choices[0]?.index === choice.index).map(textOf);
      expect(pieces.join('')).toBe(choice.text ?? choice.message!.content);
      expect(pieces.length).toBeGreaterThan(1);
    }
  }
});

it('streams /generate as answers that grow', async () => {
  const body = { text: 'Add', sampling_params: { max_new_tokens: 20, sampling_seed: 3 }, return_logprob: true };
  const whole = await json('/generate', body);
  const lines = (await (await post('/generate', { ...body, stream: true })).text())
    .split('\n\n')
    .filter((line) => line !== '');
  const events = lines.slice(0, -1).map((line) => JSON.parse(line.slice(6)) as Generated);
  expect(events.at(-1)).toEqual(whole);
  events.slice(1).forEach((event, at) => void expect(event.text.startsWith(events[at]!.text)).toBe(true));
  expect(events[0]!.meta_info.finish_reason).toBeNull();
});

it('answers what it can’t do with a status', async () => {
  expect((await post('/v1/nothing', {})).status).toBe(404);
  expect((await fetch(`${server.url}/v1/completions`, { method: 'POST', body: '{' })).status).toBe(400);
});

it('keeps what it was asked, or does not', async () => {
  await post('/v1/completions', { prompt: 'kept' });
  expect(server.calls.at(-1)).toMatchObject({ path: '/v1/completions', body: { prompt: 'kept' } });
  const forgetful = await fakeServer({ keepCalls: false });
  await fetch(`${forgetful.url}/v1/completions`, { method: 'POST', body: '{}' });
  expect(forgetful.calls).toEqual([]);
  await forgetful.close();
});

it('closes although a connection hangs', async () => {
  const hanging = await fakeServer({ faults: () => ({ kind: 'hang' }) });
  const waiting = fetch(`${hanging.url}/v1/completions`, { method: 'POST', body: '{}' }).catch(() => 'gone');
  while (hanging.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await hanging.close();
  expect(await waiting).toBe('gone');
});
