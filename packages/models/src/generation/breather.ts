/**
 * Lets timers, signals and input have their turn in a long loop. Downloads from a backend on this processor resolve at
 * once, so that awaiting them alone would keep a timeout from firing and a queue's lock from being renewed.
 *
 * @param milliseconds how long the loop may run in between; 50 by default
 * @returns a function to await once a round
 */
export const breather = (milliseconds = 50): (() => Promise<void>) => {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < milliseconds) return;
    await new Promise<void>((resolve) => {
      if (typeof setImmediate === 'function') setImmediate(resolve);
      else setTimeout(resolve, 0);
    });
    last = performance.now();
  };
};
