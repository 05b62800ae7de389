/** Where the time goes: seconds a stage took, summed over interruptions. Kept apart from the numbers that must repeat. */
import type { RunFolder } from './run-folder.ts';

const file = 'timings.json';

export interface Timings {
  /** Runs one stage and adds its seconds to the run's account. */
  readonly measure: <T>(stage: string, work: () => Promise<T>) => Promise<T>;
  readonly seconds: () => Readonly<Record<string, number>>;
}

export function openTimings(run: RunFolder): Timings {
  const seconds = (): Record<string, number> => (run.has(file) ? run.readJson(file) : {});
  return {
    seconds,
    measure: async (stage, work) => {
      const began = performance.now();
      const result = await work();
      const took = (performance.now() - began) / 1000;
      const before = seconds();
      await run.write(file, `${JSON.stringify({ ...before, [stage]: (before[stage] ?? 0) + took })}\n`);
      return result;
    },
  };
}
