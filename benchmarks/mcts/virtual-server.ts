/** A continuous-batching model server in virtual time: it takes no time to run, and says how busy it would have been. */
import type { Candidate, Policy, ProposeRequest } from '@svo/mdp';

export interface VirtualServer {
  readonly policy: Policy;
  /** The same server behind one call for many requests, answered when the last of them is. */
  readonly batched: Policy;
  /** Lets time pass until `work` is done. */
  readonly run: (work: Promise<unknown>) => Promise<void>;
  /** Slot-seconds used over slot-seconds there were. */
  readonly busy: () => number;
  readonly requests: () => number;
  readonly tokens: () => number;
}

export interface VirtualServerOptions {
  /** Sequences decoded at once: 256. */
  readonly slots?: number;
  /** Share of generations that run until the token limit: 0.01. */
  readonly runaway?: number;
  /** σ of the logarithm of a step's length: 0.4. */
  readonly spread?: number;
  /** Tokens of a runaway: 400. */
  readonly longest?: number;
}

/** Numbers in [0, 1) from a request's seed, by xorshift32: a draw depends on its request alone. */
const stream = (seed: number): (() => number) => {
  let x = (seed ^ 0x9e3779b9) | 1;
  const next = (): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
};

/**
 * One slot makes one token a tick. Steps are log-normal around 40 tokens (σ 0.4), runaways of 400 are cut off. A step at
 * depth t is an answer with probability 0.1 + 0.1 t, right half of the time.
 */
export function virtualServer(options: VirtualServerOptions = {}): VirtualServer {
  const { slots = 256, runaway = 0.01, spread = 0.4, longest = 400 } = options;
  /** Ends of the generations that run: a binary heap by time, then by order. */
  const heap: { readonly end: number; readonly order: number; readonly done: () => void }[] = [];
  const waiting: { readonly length: number; readonly done: () => void }[] = [];
  let head = 0;
  let now = 0;
  let order = 0;
  let used = 0;
  let requests = 0;

  const before = (a: number, b: number): boolean =>
    heap[a]!.end < heap[b]!.end || (heap[a]!.end === heap[b]!.end && heap[a]!.order < heap[b]!.order);
  const swap = (a: number, b: number): void => {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  };
  const push = (length: number, done: () => void): void => {
    heap.push({ end: now + length, order: order++, done });
    for (let at = heap.length - 1; at > 0 && before(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
  };
  const pop = () => {
    swap(0, heap.length - 1);
    const first = heap.pop()!;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && before(child, least)) least = child;
      if (least === at) return first;
      swap(at, least);
      at = least;
    }
  };
  const admit = (): void => {
    while (heap.length < slots && head < waiting.length) {
      const { length, done } = waiting[head++]!;
      push(length, done);
      used += length;
    }
    if (head > 4096 && head * 2 > waiting.length) {
      waiting.splice(0, head);
      head = 0;
    }
  };

  const submit = ({ state, count, seed }: ProposeRequest): Promise<readonly Candidate[]> => {
    requests++;
    const next = stream(seed);
    const candidates: Candidate[] = [];
    return new Promise((resolve) => {
      let left = count;
      for (let k = 0; k < count; k++) {
        const endless = next() < runaway;
        const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
        const length = endless ? longest : Math.max(1, Math.round(40 * Math.exp(spread * normal)));
        const answer = next() < 0.1 + 0.1 * state.steps.length;
        const text = `${Math.floor(next() * 2 ** 32).toString(36)} ${next() < 0.5 ? 'right' : 'wrong'}\n\n`;
        candidates.push({
          text,
          logps: [-next()],
          tokenIds: new Array<number>(length).fill(0),
          count: 1,
          finish: endless ? 'length' : answer ? 'answer' : 'step',
        });
        waiting.push({ length, done: () => --left === 0 && resolve(candidates) });
      }
      admit();
    });
  };

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    policy: { id: 'virtual', propose: submit },
    batched: { id: 'virtual', propose: submit, proposeMany: (all) => Promise.all(all.map(submit)) },
    run: async (work) => {
      let going = true;
      const over = (): void => {
        going = false;
      };
      work.then(over, over);
      for (await turn(); going; await turn()) {
        if (heap.length === 0) continue;
        // All that ends now ends together; then the drivers react before time goes on.
        now = heap[0]!.end;
        while (heap.length > 0 && heap[0]!.end === now) pop().done();
        admit();
      }
      await work;
    },
    busy: () => used / (slots * now),
    requests: () => requests,
    tokens: () => used,
  };
}
