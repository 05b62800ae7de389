/** A model's requests: each with the next `seq_id`, submitted one at a time, none of them ever run twice. */
import type { Asked, Connection } from './connection.ts';
import { ModelInDoubt, PromiseLost, TinkerHttpError } from './errors.ts';
import { type Reading, resultOf } from './future.ts';
import { lane } from './lane.ts';
import { Refused, ReplyLost, submit, textField } from './request.ts';

/** How often what changes nothing is asked anew when its result was lost. */
const mostAnew = 3;

/** One request of a model, before its `seq_id` is known. */
export interface Order {
  readonly path: string;
  /** The body, given the id. */
  readonly body: (seqId: number) => NonNullable<Asked['body']> | Promise<NonNullable<Asked['body']>>;
  /** How its result is read; as JSON by default. */
  readonly reading?: Reading;
  readonly signal: AbortSignal;
}

/** A request the server took. */
export interface Taken {
  /** Whether an earlier try may have been taken first. */
  readonly repeated: boolean;
  readonly result: () => Promise<unknown>;
}

export interface Requests {
  /** Submits what changes the model. Whatever leaves it unknown what was done puts the model in doubt. */
  readonly change: (order: Order) => Promise<Taken>;
  /** Submits what only reads, and waits; asked anew when its result was lost. */
  readonly read: (order: Order) => Promise<unknown>;
  /** Puts the model in doubt. */
  readonly doubt: (why: unknown) => void;
  readonly inDoubt: () => boolean;
  /** Throws ModelInDoubt when it is. */
  readonly check: () => void;
}

/**
 * @param repeats whether the server knows a repeated `seq_id` for what it is. Where it doesn't, a change whose reply was lost
 *   is not sent again: it might be made twice
 * @param first the first `seq_id`
 */
export function requestsOf(wire: Connection, model: string, repeats: boolean, first = 1): Requests {
  const submissions = lane();
  let next = first;
  let doubts: string | undefined;
  const doubt = (why: unknown): void => {
    doubts ??= why instanceof Error ? why.message : String(why);
  };
  const take = ({ path, body, signal, reading }: Order, repeatable: boolean): Promise<Taken> =>
    submissions.run(async () => {
      const seqId = next++;
      try {
        const { value, repeated } = await submit(wire, { path, body: await body(seqId), signal, repeatable });
        const id = textField(path, value, 'request_id');
        return { repeated, result: () => resultOf(wire, path, id, signal, reading) };
      } catch (error) {
        // Refused and never taken: the server still waits for this number.
        if (error instanceof Refused && !error.repeated && error.refusal.status !== 409) next = seqId;
        throw error;
      }
    });
  return {
    doubt,
    inDoubt: () => doubts !== undefined,
    check: () => {
      if (doubts !== undefined) throw new ModelInDoubt(model, doubts);
    },
    change: async (order) => {
      try {
        return await take(order, repeats);
      } catch (error) {
        if (error instanceof Refused && !error.repeated) throw error.refusal;
        const why = error instanceof ReplyLost ? lostReply(order.path, error) : error;
        const public_ = why instanceof Refused ? new PromiseLost(order.path, `then refused: ${why.message}`) : why;
        doubt(public_);
        throw public_;
      }
    },
    read: async (order) => {
      for (let anew = 0; ; anew++) {
        try {
          return await (await take(order, true)).result();
        } catch (error) {
          if (error instanceof Refused) throw error.refusal;
          if (error instanceof ReplyLost) throw error.lost;
          if (!(error instanceof PromiseLost) || anew + 1 >= mostAnew) throw error;
        }
      }
    },
  };
}

const lostReply = (path: string, { lost }: ReplyLost): Error =>
  new PromiseLost(path, lost instanceof TinkerHttpError && lost.status > 0 ? `HTTP ${lost.status}` : 'no reply came');
