import { z } from 'zod';
import { policyError } from '../http/errors.ts';
import { parseJson } from '../http/json.ts';
import type { RawChoice } from './choice.ts';
import { type ParsedReply, readChoices, usageSchema } from './openai-wire.ts';

const eventSchema = z.object({
  choices: z.array(z.unknown()).nullish(),
  usage: usageSchema.nullish().catch(undefined),
  error: z.unknown().optional(),
});

/** A choice while its pieces arrive. Appended to in place: copying at each token would take quadratic time. */
interface OpenChoice {
  text: string;
  finishReason: string | null;
  stop: Pick<RawChoice, 'stopReason'>;
  tokens: string[];
  logps: (number | null)[];
  tokenIds: number[];
}

/** A streamed reply on its way. */
export interface StreamAssembly {
  /** Reads events to the end. Throws a PolicyError for an event that is no event of the protocol. */
  readonly read: (events: AsyncIterable<string>) => Promise<ParsedReply>;
  /** The choices that are complete so far: what is left of a reply whose reading failed, at whatever time and place. */
  readonly finished: () => ParsedReply;
}

/** Assembles a streamed reply event by event: pieces of a choice share its index. */
export function streamAssembly(): StreamAssembly {
  const open = new Map<number, OpenChoice>();
  const problems: string[] = [];
  let usage: z.output<typeof usageSchema> | null | undefined;

  const reply = (): ParsedReply => ({
    choices: [...open].map(([index, choice]) => close(index, choice)),
    problems,
    promptTokens: usage?.prompt_tokens ?? 0,
    completionTokens: usage?.completion_tokens ?? undefined,
  });

  return {
    read: async (events) => {
      let count = 0;
      for await (const event of events) {
        count++;
        const chunk = parseJson(eventSchema, event);
        if (chunk.error !== undefined && chunk.error !== null) {
          throw policyError('server', `the stream carried an error: ${JSON.stringify(chunk.error).slice(0, 200)}`);
        }
        usage = chunk.usage ?? usage;
        const pieces = readChoices(chunk.choices ?? []);
        problems.push(...pieces.problems);
        for (const piece of pieces.choices) append(open, piece);
      }
      if (count === 0) throw policyError('malformed', 'the stream held no event');
      return reply();
    },
    finished: () => {
      const { choices, ...rest } = reply();
      return { ...rest, choices: choices.filter(({ finishReason }) => finishReason !== null) };
    },
  };
}

function append(open: Map<number, OpenChoice>, piece: RawChoice): void {
  const before = open.get(piece.index);
  const choice = before ?? { text: '', finishReason: null, stop: {}, tokens: [], logps: [], tokenIds: [] };
  if (before === undefined) open.set(piece.index, choice);
  choice.text += piece.text;
  choice.finishReason = piece.finishReason ?? choice.finishReason;
  // Only the last piece tells: before it vLLM sends null, which at the end means end of sequence.
  if (piece.finishReason !== null && 'stopReason' in piece) choice.stop = { stopReason: piece.stopReason };
  for (const token of piece.tokens ?? []) choice.tokens.push(token);
  for (const logp of piece.logps ?? []) choice.logps.push(logp);
  for (const id of piece.tokenIds ?? []) choice.tokenIds.push(id);
}

/** What never arrived is left out, as it is in a reply that came in one piece. */
function close(index: number, choice: OpenChoice): RawChoice {
  const { text, finishReason, stop, tokens, logps, tokenIds } = choice;
  return {
    index,
    text,
    finishReason,
    ...stop,
    ...(tokens.length > 0 ? { tokens } : {}),
    ...(logps.length > 0 ? { logps } : {}),
    ...(tokenIds.length > 0 ? { tokenIds } : {}),
  };
}
