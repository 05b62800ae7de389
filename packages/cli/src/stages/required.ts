import { UsageError } from '../errors.ts';

/** A key that a command can't do without. */
export function required<Value>(key: string, value: Value | undefined): Value {
  if (value === undefined) throw new UsageError(`${key} must be given: --${key} …, or the key '${key}'`);
  return value;
}
