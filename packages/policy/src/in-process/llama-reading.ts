/** Reading and drawing with one sequence of a context. */
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { policyError } from '../http/errors.ts';
import type { LlamaAnswer, LlamaAsk, LlamaSequence } from './llama-context.ts';

/** How a token is drawn. */
export interface LlamaSampling {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
}

/** The model's own distribution, the likeliest token taken. */
const greedy: LlamaSampling = { temperature: 0, topK: 0, topP: 1, minP: 0 };

/** Tokens read in one call: what lies between two of them is not looked at by a signal. */
const readAtOnce = 512;

type Input = readonly (number | readonly [token: number, ask: LlamaAsk])[];

/** Reads on; what is asked about a token comes back in its place. */
async function read(
  sequence: LlamaSequence,
  input: Input,
  signal: AbortSignal | undefined,
): Promise<readonly (LlamaAnswer | undefined)[]> {
  const answers: (LlamaAnswer | undefined)[] = [];
  for (let from = 0; from < input.length; from += readAtOnce) {
    stopped(signal);
    const part = input.slice(from, from + readAtOnce);
    const some = await sequence.controlledEvaluate(part as never);
    for (const index of part.keys()) answers.push(some[index]);
  }
  return answers;
}

function stopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw policyError('cancelled', 'the request was cancelled');
}

/** Leaves in the sequence the longest beginning of `tokens` that it holds, but for the last one, and reads the rest without that. */
async function readUpToLast(
  sequence: LlamaSequence,
  tokens: readonly number[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await sequence.adaptStateToTokens(tokens.slice(0, -1) as never, false);
  await read(sequence, tokens.slice(sequence.contextTokens.length, -1), signal);
}

/** Refuses what the context has no room for, which would else drop its beginning in silence. */
export function checkRoom({ contextSize }: LlamaSequence, tokens: number): void {
  if (tokens > contextSize)
    throw policyError(
      'refused',
      `${tokens} tokens do not fit into a sequence of ${contextSize} (createContext({ contextSize }) makes larger ones)`,
    );
}

/**
 * Draws tokens behind `tokens` until `isDone` says so or `most` are drawn. Each token has a seed of its own.
 *
 * @param isDone is asked after every token, with all that were drawn
 */
export async function drawTokens(
  sequence: LlamaSequence,
  tokens: readonly number[],
  { seed, sample, most, sampling }: { seed: number; sample: number; most: number; sampling: LlamaSampling },
  isDone: (drawn: readonly number[]) => boolean,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const seeds = uniforms(splitRng(createRng(seed), sample), most);
  await readUpToLast(sequence, tokens, signal);
  const drawn: number[] = [];
  let last = tokens.at(-1)!;
  while (drawn.length < most) {
    const options = { ...sampling, seed: Math.floor(seeds[drawn.length]! * 2 ** 32) };
    const [answer] = await read(sequence, [[last, { generateNext: { token: true, options } }]], signal);
    const token = answer?.next.token;
    if (token === undefined || token === null) throw policyError('malformed', 'node-llama-cpp drew no token');
    drawn.push(token);
    if (isDone(drawn)) break;
    last = token;
  }
  return drawn;
}

/**
 * log p(token | everything before it) in nats of each token from `from` on, of the model's own distribution: all read in one pass.
 */
export async function logpsFrom(
  sequence: LlamaSequence,
  tokens: readonly number[],
  from: number,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  if (from >= tokens.length) return [];
  await readUpToLast(sequence, tokens.slice(0, from), signal);
  const asked = tokens.slice(from - 1, -1).map((token, index) => {
    const logits = {
      filter: { tokens: [tokens[from + index]!] as unknown as readonly never[], includeSelected: true },
    };
    return [token, { generateNext: { logits, totalLogitWeight: true, options: greedy } }] as const;
  });
  const answers = await read(sequence, asked, signal);
  return answers.map((answer, index) => {
    const { logits, totalLogitWeight } = answer?.next ?? {};
    const logit = logits?.get(tokens[from + index]!);
    if (logits === undefined || logit === undefined || totalLogitWeight === undefined)
      throw policyError('malformed', `node-llama-cpp gave no logit of token ${tokens[from + index]}`);
    // The token taken greedily is the likeliest one; weights are relative to its logit.
    return Math.min(0, logit - Math.max(...logits.values()) - Math.log(totalLogitWeight));
  });
}
