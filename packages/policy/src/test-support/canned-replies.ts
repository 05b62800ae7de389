import { blankLineFormat, type Candidate, type Policy, type ProposeRequest } from '@svo/mdp';
import { type OpenaiPolicyOptions, openaiPolicy } from '../servers/openai/openai-policy.ts';

/** A policy over canned replies, and the bodies of the requests it sent. */
export interface Served {
  readonly policy: Policy;
  readonly bodies: readonly Record<string, unknown>[];
}

const question = { id: 'q', prompt: '2 + 3?' };
/** A request for `count` draws. */
export const ask = (count: number): ProposeRequest => ({
  question,
  state: { questionId: 'q', steps: [] },
  count,
  seed: 1,
});

/** A chat policy whose server gives these replies in turn, the last one over and over. */
export const served = (replies: readonly string[], options: Partial<OpenaiPolicyOptions> = {}): Served => {
  const bodies: Record<string, unknown>[] = [];
  const policy = openaiPolicy({
    url: 'http://h',
    model: 'm',
    format: blankLineFormat,
    endpoint: 'chat',
    logps: 'optional',
    fetch: async (_, init) => {
      bodies.push(JSON.parse(String(init?.body)));
      return new Response(replies[Math.min(bodies.length, replies.length) - 1]);
    },
    ...options,
  });
  return { policy, bodies };
};
/** What one reply comes to. */
export const draw = (
  reply: unknown,
  options: Partial<OpenaiPolicyOptions> = {},
  count = 1,
): Promise<readonly Candidate[]> =>
  served([typeof reply === 'string' ? reply : JSON.stringify(reply)], options).policy.propose(ask(count));
/** A body of events. */
export const events = (...list: unknown[]): string =>
  list.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
/** A chat reply of one choice. */
export const said = (content: string | null, finish: string | null = 'stop', more: object = {}): object => ({
  choices: [{ index: 0, message: { role: 'assistant', content, ...more }, finish_reason: finish }],
});
/** An event of a streamed chat reply. */
export const delta = (content: string, finish: string | null = null, more: object = {}): object => ({
  choices: [{ index: 0, delta: { content, ...more }, finish_reason: finish }],
});
