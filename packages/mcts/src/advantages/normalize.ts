/** What lies above and below a mean. Equal numbers are at 0 exactly, whatever their mean rounds to. */
export function centred(numbers: readonly number[], weights?: readonly number[]): number[] {
  const first = numbers[0];
  if (first === undefined || numbers.every((x) => x === first)) return numbers.map(() => 0);
  const weight = (k: number): number => weights?.[k] ?? 1;
  const total = numbers.reduce((sum, _, k) => sum + weight(k), 0);
  const mean = numbers.reduce((sum, x, k) => sum + weight(k) * x, 0) / total;
  return numbers.map((x) => x - mean);
}

/** Centred numbers over their deviation, √(Σ w·a² / divisor) + ε; 0 stays 0, though there be no deviation. */
export function scaled(
  around: readonly number[],
  divisor: number,
  epsilon: number,
  weights?: readonly number[],
): number[] {
  const squares = around.reduce((sum, a, k) => sum + (weights?.[k] ?? 1) * a * a, 0);
  const deviation = Math.sqrt(squares / Math.max(divisor, 1)) + epsilon;
  return around.map((a) => (a === 0 ? 0 : a / deviation));
}
