import { assertOptions } from '@svo/mdp';

/** A learning rate (or any coefficient) as a function of the updates made so far: 0 at the first update. */
export type Schedule = (step: number) => number;

/**
 * The same value at every step.
 * @example
 * ```ts
 * import { constant } from '@svo/train';
 * constant(0.1)(1000); // => 0.1
 * ```
 */
export function constant(value: number): Schedule {
  return () => value;
}

/** From where to where a schedule goes, and over how many updates. */
export interface Course {
  readonly from: number;
  readonly to?: number;
  readonly steps: number;
}

/**
 * A straight line: `from + (to − from) · min(step / steps, 1)`; `to` defaults to 0. After `steps` it stays at `to`.
 * @throws RangeError when `steps` is not a positive whole number.
 * @example
 * ```ts
 * import { linearSchedule } from '@svo/train';
 * [0, 5, 10, 99].map(linearSchedule({ from: 1, steps: 10 })); // => [1, 0.5, 0, 0]
 * ```
 */
export function linearSchedule(options: Course): Schedule {
  const { from, to, steps } = settled('linearSchedule', options);
  return (step) => from + (to - from) * Math.min(step / steps, 1);
}

/**
 * Half a cosine: `to + (from − to) · (1 + cos(π · min(step / steps, 1))) / 2` (SGDR, arXiv 1608.03983, eq. 5); `to` defaults to 0.
 * @throws RangeError when `steps` is not a positive whole number.
 * @example
 * ```ts
 * import { cosine } from '@svo/train';
 * [0, 5, 10].map(cosine({ from: 1, steps: 10 })).map((rate) => Number(rate.toFixed(6))); // => [1, 0.5, 0]
 * ```
 */
export function cosine(options: Course): Schedule {
  const { from, to, steps } = settled('cosine', options);
  return (step) => to + ((from - to) * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)))) / 2;
}

/**
 * Rises in a straight line from 0 to the first value of `after` over `steps` updates, then follows `after`. As in Hugging
 * Face's schedulers the very first update has rate 0: `warmup(w, linearSchedule({ from, steps: total − w }))` is their linear schedule.
 * @throws RangeError when `steps` is not a positive whole number.
 * @example
 * ```ts
 * import { constant, warmup } from '@svo/train';
 * [0, 1, 2, 3].map(warmup(2, constant(1))); // => [0, 0.5, 1, 1]
 * ```
 */
export function warmup(steps: number, after: Schedule): Schedule {
  assertSteps('warmup', steps);
  return (step) => (step < steps ? (after(0) * step) / steps : after(step - steps));
}

function settled(name: string, options: Course): Required<Course> {
  assertOptions(name, options, ['from', 'to', 'steps']);
  assertSteps(name, options.steps);
  return { to: 0, ...options };
}

function assertSteps(name: string, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`${name}: steps must be a whole number ≥ 1, got ${steps}`);
}
