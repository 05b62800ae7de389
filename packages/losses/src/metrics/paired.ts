/** @throws RangeError unless both have the same length of at least 1 */
export function assertPaired(caller: string, values: ArrayLike<number>, targets: ArrayLike<number>): void {
  if (values.length === 0 || values.length !== targets.length)
    throw new RangeError(
      `${caller}: values and targets must be of one length ≥ 1, got ${values.length} and ${targets.length}`,
    );
}
