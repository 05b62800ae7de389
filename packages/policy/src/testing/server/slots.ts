/** How busy the slots were. */
export interface SlotUse {
  readonly slots: number;
  /** Sequences that were begun. */
  readonly sequences: number;
  /** Most sequences at one time. */
  readonly peak: number;
  /** Slot-milliseconds used between the first start and the last end, as a part of those there were. */
  readonly busy: number;
}

/** A continuous-batching engine seen from outside: a number of slots, and a queue before them. */
export interface Slots {
  /** Takes the next free slot for `ms`; an abort gives it back, or leaves the queue. */
  readonly hold: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly use: () => SlotUse;
}

interface Waiting {
  readonly begin: () => void;
}

/** Slots on the real clock. A sequence takes a slot when one is free, first come, first served, and holds it to its end. */
export function createSlots(slots: number): Slots {
  const queue: Waiting[] = [];
  let active = 0;
  let sequences = 0;
  let peak = 0;
  let firstStart: number | undefined;
  let changed: number | undefined;
  let used = 0;

  const account = (): void => {
    const now = performance.now();
    firstStart ??= now;
    if (changed !== undefined) used += active * (now - changed);
    changed = now;
  };
  const next = (): void => {
    while (active < slots && queue.length > 0) queue.shift()!.begin();
  };

  const hold = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const waiting: Waiting = {
        begin: () => {
          account();
          active++;
          sequences++;
          peak = Math.max(peak, active);
          timer = setTimeout(end, ms);
        },
      };
      const end = (): void => {
        signal.removeEventListener('abort', end);
        clearTimeout(timer);
        if (timer === undefined) queue.splice(queue.indexOf(waiting), 1);
        else {
          account();
          active--;
        }
        resolve();
        next();
      };
      signal.addEventListener('abort', end, { once: true });
      queue.push(waiting);
      next();
    });

  return {
    hold,
    use: () => {
      const span = (changed ?? 0) - (firstStart ?? 0);
      const finite = Number.isFinite(slots) ? slots : peak;
      return { slots, sequences, peak, busy: span > 0 && finite > 0 ? used / (finite * span) : 0 };
    },
  };
}
