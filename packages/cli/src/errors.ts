/** Bad usage: a flag, a key or a file that can't be what was meant. The program ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A run that would go on with what is not its own any more. */
export const otherRun = (what: string): UsageError =>
  new UsageError(`--out: the run cannot go on: ${what}; give back what it was, or choose another --out`);

/** Somebody asked the program to stop. What it had done is on the disk; it ends with 130 (143 where it was terminated). */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}
