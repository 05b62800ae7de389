/** What of a GPU's data can be trusted after its memory ran out. */

/** When data and buffers were last written to, in the order of the commands. */
export interface History {
  /** The moment now, for {@link sound}. */
  now(): number;
  /** This was written to by a command. */
  wrote(thing: object): void;
  wasWritten(thing: object): boolean;
  /** Every command up to this moment has been heard of, and none failed. */
  sound(moment: number): void;
  /** A command failed: whatever was written since the last sound moment holds what its buffer held before, or nothing. */
  lose(): void;
  isLost(thing: object): boolean;
}

/** An empty history. */
export function createHistory(): History {
  const written = new WeakMap<object, number>();
  const lost: (readonly [after: number, upTo: number])[] = [];
  let [moment, heard] = [0, 0];
  return {
    now: () => moment,
    wrote: (thing) => void written.set(thing, ++moment),
    wasWritten: (thing) => written.has(thing),
    sound: (at) => {
      heard = Math.max(heard, at);
    },
    lose: () => {
      lost.push([heard, moment]);
      heard = moment;
    },
    isLost: (thing) => {
      const at = written.get(thing) ?? 0;
      return lost.some(([after, upTo]) => after < at && at <= upTo);
    },
  };
}

const histories = new WeakMap<object, History>();

/** The history of a backend's device. */
export function historyOf(backend: object): History {
  const known = histories.get(backend) ?? createHistory();
  histories.set(backend, known);
  return known;
}
