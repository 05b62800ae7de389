import type { Report } from '../types.ts';

/** A report as the sinks write it: `global_step` first, as TRL names it, then the metrics in their order. */
export function toRow({ step, ...metrics }: Report): {
  readonly global_step: number;
  readonly [metric: string]: number;
} {
  return { global_step: step, ...metrics };
}
