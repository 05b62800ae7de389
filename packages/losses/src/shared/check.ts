/** Range checks of options. Each message names function, argument, got, expected and a hint. */

/** @throws RangeError unless value is a finite number > 0 */
export function assertPositive(caller: string, argument: string, value: number, hint: string): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${caller}: ${argument} must be a finite number > 0, got ${value} (${hint})`);
  }
}

/** Numbers from low to high; `open` says which ends are left out. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly open: 'none' | 'high' | 'both';
}

/** @throws RangeError unless value lies in the range */
export function assertRange(caller: string, argument: string, value: number, { low, high, open }: Range): void {
  const above = open === 'both' ? value > low : value >= low;
  const below = open === 'none' ? value <= high : value < high;
  if (above && below) return;
  const written = `${open === 'both' ? '(' : '['}${low}, ${high}${open === 'none' ? ']' : ')'}`;
  throw new RangeError(`${caller}: ${argument} must be in ${written}, got ${value}`);
}

/** @throws RangeError unless value is one of the choices; a word that has been renamed is told its new name */
export function assertOneOf(
  caller: string,
  argument: string,
  value: string,
  choices: readonly string[],
  renamed: Readonly<Record<string, string>> = {},
): void {
  if (choices.includes(value)) return;
  const list = choices.map((choice) => `'${choice}'`).join(' | ');
  const now = Object.hasOwn(renamed, value) ? ` (it is called '${renamed[value]}' now)` : '';
  throw new RangeError(`${caller}: ${argument} must be ${list}, got ${JSON.stringify(value)}${now}`);
}

/** @throws RangeError unless value is a finite number */
export function assertFinite(caller: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${caller}: ${argument} must be a finite number, got ${value}`);
}

/** @throws RangeError unless value is a finite number ≥ 0 */
export function assertNotNegative(caller: string, argument: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${caller}: ${argument} must be a finite number ≥ 0, got ${value}`);
  }
}

/** @throws RangeError unless absent or > 0 */
export function assertNormalizer(caller: string, normalizer: number | undefined): void {
  if (normalizer !== undefined) {
    assertPositive(caller, 'normalizer', normalizer, 'how many rows or tokens the whole accumulation window holds');
  }
}

/** @throws RangeError unless value is true or false */
export function assertBoolean(caller: string, argument: string, value: boolean): void {
  if (typeof value !== 'boolean') throw new RangeError(`${caller}: ${argument} must be true or false, got ${value}`);
}

/** What β is, in the error for a wrong one. */
export const BETA_HINT = 'it multiplies log π/π_ref: a smaller one lets the policy move further';

/** β scales the implicit reward β·log(π/π_ref). @throws RangeError unless it is > 0 */
export function assertBeta(caller: string, beta: number): void {
  assertPositive(caller, 'beta', beta, BETA_HINT);
}
