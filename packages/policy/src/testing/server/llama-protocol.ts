import type { ScoredText, ServedModel } from './served-model.ts';

type Body = Readonly<Record<string, unknown>>;

/** What llama.cpp's server has beside OpenAI's protocol: its tokens by `/tokenize`, and prompts that are given as tokens. */
export interface LlamaProtocol {
  /** The reply to a request of that protocol, `undefined` for any other request. */
  readonly reply: (path: string, body: Body) => unknown;
}

/** The protocol over a model. Token ids are known once `/tokenize` gave them. */
export function llamaProtocol(model: ServedModel): LlamaProtocol {
  const pieces = new Map<number, string>();
  const tokenize = (text: string): ScoredText => {
    const scored = model.score(text);
    scored.tokenIds.forEach((id, at) => {
      pieces.set(id, scored.tokens[at]!);
    });
    return scored;
  };
  /** The token that a bias forces after a prompt of tokens, with the model's own log-prob of it. */
  const forced = (prompt: readonly number[], bias: Body): unknown => {
    const id = Number(Object.keys(bias)[0]);
    const text = [...prompt, id].map((token) => pieces.get(token) ?? '').join('');
    const logprob = model.score(text).logps.at(-1);
    const content = [{ id, token: pieces.get(id), logprob }];
    return { object: 'text_completion', choices: [{ index: 0, text: pieces.get(id), logprobs: { content } }] };
  };
  return {
    reply: (path, body) => {
      if (path === '/tokenize') {
        const { tokenIds, tokens } = tokenize(String(body.content));
        return { tokens: tokenIds.map((id, at) => ({ id, piece: tokens[at] })) };
      }
      const { prompt, logit_bias: bias } = body;
      const isForced =
        Array.isArray(prompt) && typeof prompt[0] === 'number' && typeof bias === 'object' && bias !== null;
      return path === '/v1/completions' && isForced ? forced(prompt, bias as Body) : undefined;
    },
  };
}
