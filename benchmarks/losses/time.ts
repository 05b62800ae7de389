/** Median and quartiles of the time of one call. */
export interface Timing {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Microseconds a call: samples of many calls each, so that the clock's grain does not matter. */
export function timeCalls(call: () => void, samples = 9, sampleMs = 4): Timing {
  const start = performance.now();
  let warm = 0;
  while (performance.now() - start < 30 || warm < 50) {
    call();
    warm += 1;
  }
  const perCall = (performance.now() - start) / warm;
  const calls = Math.max(3, Math.round(sampleMs / perCall));
  const times = Array.from({ length: samples }, () => {
    const from = performance.now();
    for (let i = 0; i < calls; i++) call();
    return ((performance.now() - from) * 1000) / calls;
  }).sort((a, b) => a - b);
  return { median: times[samples >> 1]!, low: times[samples >> 2]!, high: times[(3 * samples) >> 2]! };
}
