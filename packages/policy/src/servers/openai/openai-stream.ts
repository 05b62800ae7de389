import { z } from 'zod';
import { PolicyError, policyError } from '../../http/errors.ts';
import { checkShape, readJson } from '../../http/json.ts';
import { errorInReply } from '../../http/reply-error.ts';
import { endOfEvents } from '../../http/sse.ts';
import { type ChoicePieces, choicePieces } from '../choices/choice-pieces.ts';
import type { ParsedReply } from '../choices/parsed-reply.ts';
import type { RawChoice } from '../choices/raw-choice.ts';
import { readChoices, usageOf, usageSchema } from './openai-wire.ts';

const eventSchema = z.object({
  choices: z.array(z.unknown()).nullish(),
  usage: usageSchema.nullish().catch(undefined),
});

/** A streamed reply on its way. */
export interface StreamAssembly {
  /** Reads events to the end. Throws a PolicyError for an event that is an error, or none of the protocol. */
  readonly read: (events: AsyncIterable<string>) => Promise<ParsedReply>;
  /** The choices that are complete so far: what is left of a reply whose reading failed, at whatever time and place. */
  readonly finished: () => ParsedReply;
}

/** An event that adds nothing to a reply may say why. */
const isStrange = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && !('choices' in event) && !('usage' in event);

/** Assembles a streamed reply of `asked` choices event by event. */
export function streamAssembly(asked: number): StreamAssembly {
  const pieces: ChoicePieces = choicePieces(asked);
  const problems: string[] = [];
  let usage: z.output<typeof usageSchema> | null | undefined;

  const reply = (isDone: boolean): ParsedReply => {
    const whole = pieces.choices(isDone);
    return { ...whole, problems: [...problems, ...whole.problems], ...usageOf(usage) };
  };

  return {
    read: async (events) => {
      let count = 0;
      let isDone = false;
      for await (const event of events) {
        if (event === endOfEvents) {
          isDone = true;
          continue;
        }
        count++;
        const value = readJson(event);
        const failure = errorInReply(value, isStrange(value));
        if (failure !== undefined) throw new PolicyError(failure);
        const chunk = checkShape(eventSchema, value);
        usage = chunk.usage ?? usage;
        const read = readChoices(chunk.choices ?? []);
        problems.push(...read.problems);
        for (const piece of read.choices) pieces.add(piece);
      }
      if (count === 0) throw policyError('malformed', 'the stream held no event');
      return reply(isDone);
    },
    finished: () => {
      const { choices, ...rest } = reply(false);
      return { ...rest, choices: choices.filter(({ finishReason }: RawChoice) => finishReason !== null) };
    },
  };
}
