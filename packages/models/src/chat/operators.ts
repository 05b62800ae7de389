/** Python's operators. */
import {
  compare,
  contains,
  equal,
  fail,
  isFloat,
  isList,
  isTuple,
  numberOf,
  textOf,
  typeName,
  type Value,
} from './values.ts';

/** The most characters or items that a product may have. */
const longest = 1 << 20;

const repeated = (value: Value, times: Value): Value | undefined => {
  if (typeof times !== 'number' || !(typeof value === 'string' || isList(value))) return undefined;
  const count = Math.max(0, times);
  if (count * value.length > longest) return fail(`'*' would make more than ${longest} characters`);
  return typeof value === 'string' ? value.repeat(count) : Array.from({ length: count }, () => value).flat();
};

/** As CPython divides: the remainder is exact and has the divisor's sign, the quotient follows from it. */
const divided = (a: number, b: number, operator: string): number => {
  if (b === 0) return fail('division by zero');
  if (operator === '/') return a / b;
  const remainder = a % b;
  const borrows = remainder !== 0 && remainder < 0 !== b < 0;
  if (operator === '%') return remainder === 0 ? 0 * b : borrows ? remainder + b : remainder;
  return Math.round((a - remainder) / b) - (borrows ? 1 : 0);
};

const power = (a: number, b: number): number => {
  if (a === 0 && b < 0) return fail('0 cannot be raised to a negative power');
  return a < 0 && !Number.isInteger(b) ? fail('the root of a negative number is complex') : a ** b;
};

const arithmetic = (operator: string, a: Value, b: Value): Value | undefined => {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x === undefined || y === undefined) return undefined;
  const result = (() => {
    switch (operator) {
      case '+':
        return x + y;
      case '-':
        return x - y;
      case '*':
        return x * y;
      case '**':
        return power(x, y);
      default:
        return divided(x, y, operator);
    }
  })();
  const float = operator === '/' || isFloat(a) || isFloat(b) || (operator === '**' && y < 0);
  if (!float && !Number.isSafeInteger(result)) return fail(`${x} ${operator} ${y} is too large`);
  return float ? { float: result } : result + 0;
};

/** A binary operator's value; `and` and `or` are not among them. Throws a RangeError where Python would. */
export const operate = (operator: string, a: Value, b: Value): Value => {
  switch (operator) {
    case '==':
      return equal(a, b);
    case '!=':
      return !equal(a, b);
    case 'in':
      return contains(b, a);
    case 'not in':
      return !contains(b, a);
    case '<':
      return compare(a, b) < 0;
    case '<=':
      return compare(a, b) <= 0;
    case '>':
      return compare(a, b) > 0;
    case '>=':
      return compare(a, b) >= 0;
    case '~':
      return textOf(a) + textOf(b);
  }
  const number = arithmetic(operator, a, b);
  if (number !== undefined) return number;
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    if (isList(a) && isList(b)) return [...a, ...b];
    if (isTuple(a) && isTuple(b)) return { tuple: [...a.tuple, ...b.tuple] };
  }
  if (operator === '*') {
    const product = repeated(a, b) ?? repeated(b, a);
    if (product !== undefined) return product;
  }
  return fail(`'${operator}' cannot be applied to ${typeName(a)} and ${typeName(b)}`);
};

/** Python's slices: negative ends count from behind. */
export const sliced = (value: Value, start: Value, stop: Value, step: Value): Value => {
  const items = typeof value === 'string' ? [...value] : isTuple(value) ? value.tuple : value;
  if (!isList(items)) return fail(`a ${typeName(value)} cannot be sliced`);
  const bound = (given: Value): number | undefined =>
    given === undefined || given === null ? undefined : (numberOf(given) ?? fail('a slice takes ints'));
  const by = bound(step) ?? 1;
  if (by === 0) return fail('the step of a slice must not be 0');
  const [low, high] = by > 0 ? [0, items.length] : [-1, items.length - 1];
  const clamped = (given: number | undefined, otherwise: number): number =>
    given === undefined ? otherwise : Math.min(high, Math.max(low, given < 0 ? given + items.length : given));
  const [from, to] = [clamped(bound(start), by > 0 ? low : high), clamped(bound(stop), by > 0 ? high : low)];
  const picked: Value[] = [];
  for (let at = from; by > 0 ? at < to : at > to; at += by) picked.push(items[at]);
  if (typeof value === 'string') return picked.join('');
  return isTuple(value) ? { tuple: picked } : picked;
};
