/** Range checks of options. Each message names function, argument, got, expected and a hint. */

/** @throws RangeError unless value is a finite number > 0 */
export function assertPositive(caller: string, argument: string, value: number, hint: string): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${caller}: ${argument} must be a finite number > 0, got ${value} (${hint})`);
  }
}

/** @throws RangeError unless low ≤ value ≤ high */
export function assertWithin(caller: string, argument: string, value: number, [low, high]: [number, number]): void {
  if (!(value >= low && value <= high)) {
    throw new RangeError(`${caller}: ${argument} must be in [${low}, ${high}], got ${value}`);
  }
}

/** @throws RangeError unless low ≤ value < high */
export function assertBelow(caller: string, argument: string, value: number, [low, high]: [number, number]): void {
  if (!(value >= low && value < high)) {
    throw new RangeError(`${caller}: ${argument} must be in [${low}, ${high}), got ${value}`);
  }
}

/** @throws RangeError unless value is one of the choices */
export function assertOneOf(caller: string, argument: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) {
    const list = choices.map((choice) => `'${choice}'`).join(' | ');
    throw new RangeError(`${caller}: ${argument} must be ${list}, got ${JSON.stringify(value)}`);
  }
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

/** β scales the implicit reward β·log(π/π_ref). @throws RangeError unless it is > 0 */
export function assertBeta(caller: string, beta: number): void {
  assertPositive(caller, 'beta', beta, 'it multiplies log π/π_ref: a smaller one lets the policy move further');
}

/** @throws RangeError unless absent or > 0 */
export function assertNormalizer(caller: string, normalizer: number | undefined): void {
  if (normalizer !== undefined) {
    assertPositive(caller, 'normalizer', normalizer, 'how many rows or tokens the whole accumulation window holds');
  }
}

/** @throws RangeError unless low < value < high */
export function assertOpen(caller: string, argument: string, value: number, [low, high]: [number, number]): void {
  if (!(value > low && value < high)) {
    throw new RangeError(`${caller}: ${argument} must be in (${low}, ${high}), got ${value}`);
  }
}

/** @throws RangeError unless value is true or false */
export function assertBoolean(caller: string, argument: string, value: boolean): void {
  if (typeof value !== 'boolean') throw new RangeError(`${caller}: ${argument} must be true or false, got ${value}`);
}
