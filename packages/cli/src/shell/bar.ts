/** One stage's progress. `start` may begin part of the way, after a resume. */
export interface Bar {
  readonly start: (total: number, done?: number) => void;
  readonly update: (done: number, metrics?: Readonly<Record<string, number>>) => void;
  readonly stop: () => void;
}
