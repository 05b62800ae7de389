/** A share with its 95 % Wilson interval (Wilson 1927): sensible at 0 and 1, where the normal interval is not. */
export interface Accuracy {
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

const z = 1.959963984540054;

/** `right` of `total` as an accuracy in [0, 1] with its 95 % interval; `total` 0 gives the whole range. */
export function wilson(right: number, total: number): Accuracy {
  if (total === 0) return { accuracy: 0, low: 0, high: 1 };
  const p = right / total;
  const scale = 1 + (z * z) / total;
  const centre = (p + (z * z) / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
  return { accuracy: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** An accuracy as people read it: `52.3 % (47.9 to 56.6)`. */
export function showAccuracy(a: Accuracy): string {
  const percent = (x: number) => (100 * x).toFixed(1);
  return `${percent(a.accuracy)} % (${percent(a.low)} to ${percent(a.high)})`;
}
