/** The values of a template: Python's, as plain JavaScript. */

/** A dict; keys keep their order. */
export type Dict = Map<Value, Value>;

/** Python's float, which prints and divides otherwise than an int. */
export interface Float {
  readonly float: number;
}

/** A tuple, which prints with round brackets. */
export interface Tuple {
  readonly tuple: readonly Value[];
}

/** A namespace: what `set ns.name = …` may change. */
export interface Namespace {
  readonly namespace: Map<string, Value>;
}

/** A function, macro or method. */
export interface Callable {
  readonly name: string;
  readonly call: (args: readonly Value[], named: ReadonlyMap<string, Value>) => Value;
}

/** None is null, an undefined variable is undefined, an int is a number, a list an array. */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | Float
  | Tuple
  | Namespace
  | Callable
  | Dict
  | readonly Value[];

/** What goes wrong while rendering; the message says what, and `name` of which filter, function or attribute. */
export const fail = (message: string): never => {
  throw new RangeError(message);
};

const has = <K extends string>(value: Value, key: K): value is Extract<Value, Readonly<Record<K, unknown>>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map) && key in value;

export const isDict = (value: Value): value is Dict => value instanceof Map;
export const isFloat = (value: Value): value is Float => has(value, 'float');
export const isTuple = (value: Value): value is Tuple => has(value, 'tuple');
export const isNamespace = (value: Value): value is Namespace => has(value, 'namespace');
export const isCallable = (value: Value): value is Callable => has(value, 'call');
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
/** An int, a float or a bool, which is 0 or 1. */
export const numberOf = (value: Value): number | undefined =>
  typeof value === 'number'
    ? value
    : typeof value === 'boolean'
      ? Number(value)
      : isFloat(value)
        ? value.float
        : undefined;

/** Python's name of a value's type. */
export const typeName = (value: Value): string => {
  if (value === undefined) return 'Undefined';
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'str';
  if (isDict(value)) return 'dict';
  if (isFloat(value)) return 'float';
  if (isTuple(value)) return 'tuple';
  if (isNamespace(value)) return 'namespace';
  if (isCallable(value)) return 'function';
  return views.get(value)?.replace(/\(.*/, '') ?? 'list';
};

/** JavaScript's plain values as a template's. Functions may be called with plain values. */
export const valueFrom = (plain: unknown): Value => {
  if (plain === null || plain === undefined || typeof plain === 'string' || typeof plain === 'boolean') return plain;
  if (typeof plain === 'number') return Number.isSafeInteger(plain) ? plain : { float: plain };
  if (Array.isArray(plain)) return plain.map(valueFrom);
  if (typeof plain === 'function')
    return { name: plain.name, call: (args) => valueFrom(plain(...args.map((value) => plainOf(value)))) };
  if (typeof plain === 'object') return new Map(Object.entries(plain).map(([key, value]) => [key, valueFrom(value)]));
  return fail(`a variable must be plain data, got ${typeof plain}`);
};

/** Lists that Python has as something else (a range, a dict's keys), by the name it prints them under. */
const views = new WeakMap<readonly Value[], string>();

/** A list that is printed as `name([…])`, or as `name` where that is all there is to print. */
export const shownAs = (name: string, list: readonly Value[]): readonly Value[] => {
  views.set(list, name);
  return list;
};

/** A template's value as JavaScript's plain data. */
const plainOf = (value: Value): unknown => {
  if (isList(value)) return value.map(plainOf);
  if (isTuple(value)) return value.tuple.map(plainOf);
  if (isFloat(value)) return value.float;
  if (isDict(value)) return Object.fromEntries([...value].map(([key, item]) => [String(key), plainOf(item)]));
  return value;
};

export const truthy = (value: Value): boolean => {
  if (isList(value)) return value.length > 0;
  if (isTuple(value)) return value.tuple.length > 0;
  if (isDict(value)) return value.size > 0;
  if (isFloat(value)) return value.float !== 0;
  return Boolean(value);
};

/** The items of what a loop may run over; nothing of what is undefined. */
export const itemsOf = (value: Value): readonly Value[] => {
  if (value === undefined) return [];
  if (isList(value)) return value;
  if (isTuple(value)) return value.tuple;
  if (typeof value === 'string') return [...value];
  if (isDict(value)) return [...value.keys()];
  return fail(`'${typeName(value)}' object is not iterable`);
};

const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
};

/** What Python does not print as it is. */
const escapedCharacter = (character: string): string => {
  const code = character.codePointAt(0)!.toString(16);
  const [mark, length] = code.length <= 2 ? ['x', 2] : code.length <= 4 ? ['u', 4] : ['U', 8];
  return `\\${mark}${code.padStart(length as number, '0')}`;
};

const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/(?! )[\p{C}\p{Z}]/gu, escapedCharacter);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
};

/** Python's `repr`. */
const repr = (value: Value): string => {
  if (typeof value === 'string') return quoted(value);
  if (isList(value)) {
    const [list, name = ''] = [`[${value.map(repr).join(', ')}]`, views.get(value)];
    return name === '' ? list : name.endsWith(')') ? name : `${name}(${list})`;
  }
  if (isTuple(value)) return `(${value.tuple.map(repr).join(', ')}${value.tuple.length === 1 ? ',' : ''})`;
  if (isDict(value)) return `{${[...value].map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(', ')}}`;
  return value === undefined ? 'Undefined' : textOf(value);
};

/** Python's `str`: how a value is printed. */
export const textOf = (value: Value): string => {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (isFloat(value)) return floatText(value.float);
  if (isCallable(value) || isNamespace(value)) return fail(`a ${typeName(value)} cannot be printed`);
  return repr(value);
};

const sequence = (value: Value): readonly Value[] | undefined =>
  isList(value) ? value : isTuple(value) ? value.tuple : undefined;

/** Python's `==`. */
export const equal = (a: Value, b: Value): boolean => {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x === y;
  if (isDict(a) && isDict(b))
    return a.size === b.size && [...a].every(([key, item]) => hasKey(b, key) && equal(item, itemAt(b, key)));
  if (isList(a) !== isList(b)) return false;
  const [left, right] = [sequence(a), sequence(b)];
  if (left && right) return left.length === right.length && left.every((item, i) => equal(item, right[i]));
  return a === b;
};

/** A dict's key as it is stored: 1, 1.0 and True are one key. */
const keyOf = (key: Value): Value => numberOf(key) ?? key;
export const hasKey = (dict: Dict, key: Value): boolean => dict.has(key) || dict.has(keyOf(key));
export const itemAt = (dict: Dict, key: Value): Value => (dict.has(key) ? dict.get(key) : dict.get(keyOf(key)));

const byCodePoint = (a: string, b: string): number => {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, i) => character !== right[i]);
  if (at === -1) return left.length - right.length;
  return at >= right.length ? 1 : (left[at]!.codePointAt(0) ?? 0) - (right[at]!.codePointAt(0) ?? 0);
};

/** Negative, zero or positive as a < b, a = b or a > b. Throws where Python cannot order them. */
export const compare = (a: Value, b: Value): number => {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b);
  const [left, right] = [sequence(a), sequence(b)];
  if (left && right) {
    const at = left.findIndex((item, i) => i >= right.length || !equal(item, right[i]));
    if (at === -1) return left.length - right.length;
    return at >= right.length ? 1 : compare(left[at], right[at]);
  }
  return fail(`'${typeName(a)}' and '${typeName(b)}' cannot be ordered`);
};

/** Python's `in`. */
export const contains = (container: Value, item: Value): boolean => {
  if (typeof container === 'string')
    return typeof item === 'string'
      ? container.includes(item)
      : fail(`'in <string>' requires a string, got ${typeName(item)}`);
  if (isDict(container)) return hasKey(container, item);
  return itemsOf(container).some((one) => equal(one, item));
};
