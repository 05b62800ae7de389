/** Everything that servers do wrong, several things at a time: no failure is ever laid at the model's door that the model did not cause. */
import { blankLineFormat, type Candidate } from '@svo/mdp';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openaiPolicy } from '../servers/openai/openai-policy.ts';
import { countOf } from '../wrappers/candidates.ts';

/** What a model wrote, sound in itself; a server may do what it likes with it. */
const texts = [
  'Add them.\n\n',
  'So x = 5.',
  'Final Answer: 5',
  'Ünïcode 🙂 step.\n\nFinal Answer: 6',
  '\n\nAdd.\n\nMore',
];
/** The steps that may come of them. */
const steps = ['Add them.\n\n', 'So x = 5.\n\n', 'So x = 5.', 'Final Answer: 5', 'Ünïcode 🙂 step.\n\n', 'Add.\n\n'];

const word = fc.constantFrom(
  'stop',
  'eos_token',
  'stop_sequence',
  'end_turn',
  'length',
  'whatever',
  '',
  null,
  'abort',
  'content_filter',
  'tool_calls',
);
const anError = fc.constantFrom<unknown>(
  undefined,
  undefined,
  null,
  { message: 'busy', code: 429 },
  { message: 'no', code: '400' },
  'upstream timed out',
  { error: { message: 'deep', type: 'server_error' } },
);
const choice = fc.record({
  text: fc.constantFrom(...texts),
  word,
  index: fc.constantFrom<unknown>('own', 0, undefined, 9, -1, 'x'),
  /** Tokens of the reply that are not of the text, before it and behind it. */
  before: fc.constantFrom<readonly string[]>([], ['<think>', 'Hm', '</think>'], ['\n\n']),
  behind: fc.constantFrom<readonly string[]>([], ['<|im_end|>'], ['\n\n'], ['']),
  bytes: fc.boolean(),
  error: anError,
});
type Wild = typeof choice extends fc.Arbitrary<infer T> ? T : never;
const reply = fc.record({
  choices: fc.array(choice, { maxLength: 4 }),
  asked: fc.integer({ min: 1, max: 4 }),
  error: anError,
  stream: fc.boolean(),
  /** Characters a piece, in a stream; and how much of the body arrives. */
  size: fc.integer({ min: 1, max: 30 }),
  interleaved: fc.boolean(),
  arrives: fc.constantFrom(1, 1, 1, 0.9, 0.5, 0.2),
  done: fc.boolean(),
  logps: fc.constantFrom('required' as const, 'optional' as const, 'none' as const),
});
type Reply = typeof reply extends fc.Arbitrary<infer T> ? T : never;

const logprobs = ({ text, before, behind, bytes }: Wild, shown: string = text): object => ({
  content: [
    ...before.map((token) => ({ token, logprob: -9 })),
    // Code points as tokens; where bytes are given, the spelling of a half character says nothing.
    ...[...shown].map((token) =>
      bytes
        ? { token: '\ufffd', bytes: [...new TextEncoder().encode(token)], logprob: -0.5 }
        : { token, logprob: -0.5 },
    ),
    ...behind.map((token) => ({ token, logprob: -9 })),
  ],
});
const indexOf = ({ index }: Wild, at: number): object =>
  index === undefined ? {} : { index: index === 'own' ? at : index };
const errorOf = (error: unknown): object => (error === undefined ? {} : { error });

function body({ choices: drawn, asked, error, stream, size, interleaved, done }: Reply): string {
  const isShared =
    new Set(drawn.map(({ index }, at) => (index === 'own' ? at : index === 9 ? 9 : 0))).size < drawn.length;
  // Choices under one index that never end, or that nobody asked for, look like one: nothing tells them apart.
  const choices =
    stream && isShared ? drawn.slice(0, asked).map((one) => ({ ...one, word: one.word || 'stop' })) : drawn;
  if (!stream) {
    const whole = choices.map((one, at) => ({
      ...indexOf(one, at),
      message: { content: one.text },
      finish_reason: one.word,
      logprobs: logprobs(one),
      ...errorOf(one.error),
    }));
    return JSON.stringify({ choices: whole, ...errorOf(error) });
  }
  const pieces = choices.flatMap((one, at) => {
    const letters = [...one.text];
    const count = Math.ceil(letters.length / size);
    return Array.from({ length: count }, (_, turn) => {
      const shown = letters.slice(turn * size, (turn + 1) * size).join('');
      const isLast = turn === count - 1;
      const own = { ...one, before: turn === 0 ? one.before : [], behind: isLast ? one.behind : [] };
      const piece = {
        delta: { content: shown },
        finish_reason: isLast ? one.word : null,
        logprobs: logprobs(own, shown),
      };
      return {
        turn,
        event: { choices: [{ ...indexOf(one, at), ...piece, ...errorOf(isLast ? one.error : undefined) }] },
      };
    });
  });
  const order = interleaved ? pieces.toSorted((a, b) => a.turn - b.turn) : pieces;
  const events = [...order.map(({ event }) => event), ...(error === undefined ? [] : [{ error }])].map((one) =>
    JSON.stringify(one),
  );
  return [...events, ...(done ? ['[DONE]'] : [])].map((data) => `data: ${data}\n\n`).join('');
}

it('every draw is a step the model wrote, with log-probs of its own tokens, or is lost', async () => {
  await fc.assert(
    fc.asyncProperty(reply, async (wild) => {
      const text = body(wild);
      const policy = openaiPolicy({
        url: 'http://h',
        model: 'm',
        format: blankLineFormat,
        endpoint: 'chat',
        logps: wild.logps,
        stream: wild.stream,
        fetch: async () => new Response(text.slice(0, Math.ceil(text.length * wild.arrives))),
      });
      const answer: readonly Candidate[] = await policy.propose({
        question: { id: 'q', prompt: '2 + 3?' },
        state: { questionId: 'q', steps: [] },
        count: wild.asked,
        seed: 1,
      });
      expect(countOf(answer)).toBe(wild.asked);
      for (const { text: step, finish, failure, logps } of answer) {
        if (finish === 'error') {
          expect(['malformed', 'server', 'connection', 'timeout', 'rate-limit', 'refused']).toContain(failure!.kind);
          continue;
        }
        expect(failure).toBeUndefined();
        // Out of tokens, a step may be any beginning that the server sent.
        if (finish === 'length') expect(steps.some((whole) => whole.startsWith(step.trimEnd()))).toBe(true);
        else expect(steps).toContain(step);
        // −9 stands on tokens of no text; a delimiter that was stripped from the text has one of them.
        const foreign = (logps ?? []).filter((logp) => logp !== -0.5).length;
        expect(foreign).toBeLessThanOrEqual(step.endsWith('\n\n') ? 1 : 0);
        if (wild.logps === 'required') expect(logps!.length).toBeGreaterThan(0);
        if (wild.logps === 'none') expect(logps).toBeUndefined();
      }
    }),
    { numRuns: 1000 },
  );
});
