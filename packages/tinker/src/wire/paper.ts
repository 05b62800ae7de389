/**
 * Memory to write one body after another into: half a megabyte that is new with every update would bring the collector each few of
 * them, which costs more than everything else here.
 */
export interface Paper {
  /** At least so many bytes, of any content; what was written there before is gone. */
  readonly sheet: (bytes: number) => Uint8Array;
}

/** New memory every time: for bodies that may outlive the next one. */
export const freshPaper: Paper = { sheet: (bytes) => new Uint8Array(bytes) };

/** The same memory every time: for bodies of which the last one is done with when the next is written. */
export function reusedPaper(): Paper {
  let held = new Uint8Array();
  return {
    sheet: (bytes) => {
      if (held.length < bytes) held = new Uint8Array(bytes);
      return held;
    },
  };
}
