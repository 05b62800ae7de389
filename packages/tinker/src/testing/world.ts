/** What a server holds, as plain data: it can be written to disk as it is and read back after a restart. */

/** An array with its shape. */
export interface Held {
  readonly data: Float32Array;
  readonly shape: number[];
}

export type Arrays = Record<string, Held>;

/** AdamW's memory of a model. */
export interface Moments {
  readonly counts: Record<string, number>;
  readonly first: Arrays;
  readonly second: Arrays;
}

/** One LoRA model. */
export interface HeldModel {
  readonly id: string;
  readonly session: string;
  readonly baseModel: string;
  readonly rank: number;
  /** Whether it has had a request: weights may be loaded before the first alone. */
  used: boolean;
  adapters: Arrays;
  moments: Moments;
  /** Σ of gradients since the last step, and of how many data. */
  gradients: Arrays;
  data: number;
  /** Steps made since it was created. */
  steps: number;
  /** Requests by `seq_id`. */
  readonly seen: Record<string, { readonly request: string; readonly body: string }>;
}

/** A checkpoint: weights alone for a sampler, with the optimizer for training. */
export interface HeldCheckpoint {
  readonly model: string;
  readonly baseModel: string;
  readonly rank: number;
  readonly name: string;
  readonly type: 'training' | 'sampler';
  readonly adapters: Arrays;
  readonly moments: Moments;
}

/** Work that was accepted. */
export interface Job {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A promise: work to do, or what came of it. */
export interface HeldPromise {
  readonly job: Job;
  state: 'queued' | 'done' | 'failed';
  result?: object;
  reason?: string;
  handedOut: boolean;
}

/** All of it. */
export interface World {
  readonly sessions: Record<string, true>;
  readonly models: Record<string, HeldModel>;
  readonly checkpoints: Record<string, HeldCheckpoint>;
  readonly promises: Record<string, HeldPromise>;
  readonly queue: string[];
  /** What an unloaded model left in its slot, for the next one created. */
  leftover?: Pick<HeldModel, 'gradients' | 'data'> | undefined;
  next: number;
}

export const emptyWorld = (): World => ({
  sessions: {},
  models: {},
  checkpoints: {},
  promises: {},
  queue: [],
  next: 1,
});

export const copyArrays = (arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [name, { data: data.slice(), shape: [...shape] }]),
  );

export const copyMoments = ({ counts, first, second }: Moments): Moments => ({
  counts: { ...counts },
  first: copyArrays(first),
  second: copyArrays(second),
});
