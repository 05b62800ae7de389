/** Jinja's filters: `x | …`, with Python's results. */
import { jsonText } from './json-text.ts';
import { capitalized, linesOf, methodOf, replaced, stripped } from './methods.ts';
import { testNamed } from './tests.ts';
import {
  compare,
  equal,
  fail,
  hasKey,
  isCallable,
  isDict,
  isFloat,
  isList,
  isNamespace,
  isTuple,
  itemAt,
  itemsOf,
  numberOf,
  textOf,
  truthy,
  typeName,
  type Value,
} from './values.ts';

/** What a filter is called with: its arguments by name, positional ones named in the order of its parameters. */
type Given = Readonly<Record<string, Value>>;

interface Filter {
  /** Names of its parameters, in order. */
  readonly parameters: readonly string[];
  readonly apply: (value: Value, given: Given) => Value;
}

const filter = (parameters: string, apply: Filter['apply']): Filter => ({
  parameters: parameters === '' ? [] : parameters.split(' '),
  apply,
});

/** The part of a value that a path such as `function.name` or `0` names. */
const attributeOf = (value: Value, path: Value): Value => {
  if (path === undefined || path === null) return value;
  return String(path)
    .split('.')
    .reduce<Value>((at, part) => {
      if (isDict(at)) return hasKey(at, part) ? itemAt(at, part) : undefined;
      if (isNamespace(at)) return at.namespace.get(part);
      if (/^\d+$/.test(part) && (isList(at) || isTuple(at))) return itemsOf(at)[Number(part)];
      return undefined;
    }, value);
};

const folded = (value: Value, caseSensitive: boolean): Value =>
  !caseSensitive && typeof value === 'string' ? value.toLowerCase() : value;

const sorted = (items: readonly Value[], keyOf: (item: Value) => Value, reverse: boolean): Value[] =>
  [...items].sort((a, b) => (reverse ? compare(keyOf(b), keyOf(a)) : compare(keyOf(a), keyOf(b))));

const digit = /^\p{Nd}$/u;
/** A number's text as `int` and `float` read it: without space around it, any script's digits as 0 to 9, which stand in tens. */
const plainNumber = (text: string): string =>
  stripped(text, undefined, true, true).replace(/(?![0-9])\p{Nd}/gu, (character) => {
    const code = character.codePointAt(0)!;
    let first = code;
    while (digit.test(String.fromCodePoint(first - 1))) first--;
    return String((code - first) % 10);
  });

/** A decimal number as Python's `float` reads it. */
const decimal = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;
const special = /^([+-]?)(?:(inf|infinity)|nan)$/i;

const floatOf = (text: string): number | undefined => {
  if (decimal.test(text)) return Number(text.replaceAll('_', ''));
  const [whole, sign, infinite] = special.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (infinite === undefined) return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

const toInteger = (value: Value, otherwise: Value): Value => {
  const number = numberOf(value) ?? (typeof value === 'string' ? floatOf(plainNumber(value)) : undefined);
  return number !== undefined && Number.isFinite(number) ? Math.trunc(number) + 0 : otherwise;
};

const toFloat = (value: Value, otherwise: Value): Value => {
  const number = numberOf(value) ?? (typeof value === 'string' ? floatOf(plainNumber(value)) : undefined);
  return number === undefined ? otherwise : { float: number };
};

/** Halves go to the even neighbour, as in Python: what is a half in decimals, not what a product rounds to one. */
const rounded = (value: number, precision: number, method: Value): number => {
  const scale = 10 ** precision;
  const scaled = value * scale;
  if (method === 'ceil') return Math.ceil(scaled) / scale;
  if (method === 'floor') return Math.floor(scaled) / scale;
  const decimals = precision > 0 && precision < 60 && Math.abs(value) < 1e21 ? value.toFixed(100) : undefined;
  const isHalf = decimals !== undefined && /^50*$/.test(decimals.slice(decimals.indexOf('.') + 1 + precision));
  if (decimals !== undefined && !isHalf) return Number(value.toFixed(precision));
  const down = Math.floor(scaled);
  const half = scaled - down;
  const nearest = half === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(scaled);
  return nearest / scale;
};

const indented = (text: string, width: Value, first: boolean, blank: boolean): string => {
  const margin = typeof width === 'string' ? width : ' '.repeat(Math.max(0, numberOf(width) ?? 4));
  const lines = linesOf(`${text}\n`);
  const shown = lines.map((line, index) => ((index === 0 ? first : blank || line !== '') ? margin + line : line));
  return shown.join('\n');
};

const lengthOf = (value: Value): number => {
  if (typeof value === 'string') return [...value].length;
  if (isDict(value)) return value.size;
  if (value === undefined || isList(value) || isTuple(value)) return itemsOf(value).length;
  return fail(`length: an object of type ${typeName(value)} has none`);
};

/** select, reject and their kin: which items pass a test, of themselves or of an attribute. */
const selecting = (by: 'item' | 'attribute', keep: boolean): Filter =>
  filter(by === 'item' ? 'test value' : 'attribute test value', (value, { attribute, test, value: other }) => {
    const passes = test === undefined ? truthy : (one: Value): boolean => testNamed(textOf(test))(one, [other]);
    return itemsOf(value).filter((item) => passes(by === 'item' ? item : attributeOf(item, attribute)) === keep);
  });

const extreme = (sign: 1 | -1): Filter =>
  filter('case_sensitive attribute', (value, { case_sensitive: sensitive, attribute }) => {
    const key = (item: Value): Value => folded(attributeOf(item, attribute), truthy(sensitive));
    return itemsOf(value).reduce<Value>(
      (best, item) => (best === undefined || sign * compare(key(item), key(best)) > 0 ? item : best),
      undefined,
    );
  });

const defaulting = filter('default_value boolean', (value, { default_value: otherwise = '', boolean: falsy }) =>
  value === undefined || (truthy(falsy) && !truthy(value)) ? otherwise : value,
);
const length = filter('', lengthOf);

const filters: Readonly<Record<string, Filter | undefined>> = {
  abs: filter('', (value) => {
    const number = numberOf(value) ?? fail(`abs: must be a number, got ${typeName(value)}`);
    return isFloat(value) ? { float: Math.abs(number) } : Math.abs(number);
  }),
  attr: filter('name', (value, { name }) =>
    isNamespace(value) || isCallable(value) ? memberOf(value, name, true) : methodOf(value, textOf(name)),
  ),
  capitalize: filter('', (value) => capitalized(textOf(value))),
  count: length,
  d: defaulting,
  default: defaulting,
  dictsort: filter('case_sensitive by reverse', (value, { case_sensitive: sensitive, by = 'key', reverse }) => {
    if (!isDict(value)) return fail(`dictsort: must be a dict, got ${typeName(value)}`);
    const pairs = [...value].map((pair): Value => ({ tuple: pair }));
    return sorted(pairs, (pair) => folded(itemsOf(pair)[by === 'value' ? 1 : 0], truthy(sensitive)), truthy(reverse));
  }),
  first: filter('', (value) => (isDict(value) ? [...value.keys()][0] : itemsOf(value)[0])),
  float: filter('default', (value, { default: otherwise = { float: 0 } }) => toFloat(value, otherwise)),
  indent: filter('width first blank', (value, { width = 4, first, blank }) =>
    indented(
      typeof value === 'string' ? value : fail(`indent: must be a str, got ${typeName(value)}`),
      width,
      truthy(first),
      truthy(blank),
    ),
  ),
  int: filter('default', (value, { default: otherwise = 0 }) => toInteger(value, otherwise)),
  items: filter('', (value) => {
    if (value === undefined) return [];
    if (!isDict(value)) return fail(`items: must be a dict, got ${typeName(value)}`);
    return [...value].map((pair) => ({ tuple: pair }));
  }),
  join: filter('d attribute', (value, { d = '', attribute }) =>
    itemsOf(value)
      .map((item) => textOf(attributeOf(item, attribute)))
      .join(textOf(d)),
  ),
  last: filter('', (value) => itemsOf(value).at(-1)),
  length,
  list: filter('', (value) => [...itemsOf(value)]),
  lower: filter('', (value) => textOf(value).toLowerCase()),
  max: extreme(1),
  min: extreme(-1),
  reject: selecting('item', false),
  rejectattr: selecting('attribute', false),
  select: selecting('item', true),
  selectattr: selecting('attribute', true),
  replace: filter('s new count', (value, { s, new: replacement, count }) =>
    replaced(textOf(value), textOf(s), textOf(replacement), count),
  ),
  reverse: filter('', (value) =>
    typeof value === 'string' ? [...value].reverse().join('') : [...itemsOf(value)].reverse(),
  ),
  round: filter('precision method', (value, { precision = 0, method }) => {
    const number = numberOf(value) ?? fail(`round: must be a number, got ${typeName(value)}`);
    const result = rounded(number, numberOf(precision) ?? 0, method);
    return !isFloat(value) && method === undefined ? result : { float: result };
  }),
  safe: filter('', (value) => textOf(value)),
  sort: filter('reverse case_sensitive attribute', (value, { reverse, case_sensitive: sensitive, attribute }) =>
    sorted(itemsOf(value), (item) => folded(attributeOf(item, attribute), truthy(sensitive)), truthy(reverse)),
  ),
  string: filter('', (value) => textOf(value)),
  sum: filter('attribute start', (value, { attribute, start = 0 }) => {
    const parts = [start, ...itemsOf(value).map((item) => attributeOf(item, attribute))];
    const total = parts.reduce<number>((sum, part) => sum + (numberOf(part) ?? fail('sum: must be numbers')), 0);
    return parts.some(isFloat) ? { float: total } : total;
  }),
  title: filter('', (value) =>
    textOf(value).replace(/[^-\s({[<]+/gu, (word) => {
      const [first = ''] = word;
      return first.toUpperCase() + word.slice(first.length).toLowerCase();
    }),
  ),
  tojson: filter('ensure_ascii indent separators sort_keys', (value, given) =>
    jsonText(value, given.ensure_ascii, given.indent, given.separators, given.sort_keys),
  ),
  trim: filter('chars', (value, { chars }) => stripped(textOf(value), chars, true, true)),
  unique: filter('case_sensitive attribute', (value, { case_sensitive: sensitive, attribute }) => {
    const keys: Value[] = [];
    return itemsOf(value).filter((item) => {
      const key = folded(attributeOf(item, attribute), truthy(sensitive));
      if (keys.some((known) => equal(known, key))) return false;
      keys.push(key);
      return true;
    });
  }),
  upper: filter('', (value) => textOf(value).toUpperCase()),
  wordcount: filter('', (value) => textOf(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
};

/** `map`, which takes an attribute to read or the name of a filter to apply. */
const mapped = (value: Value, args: readonly Value[], named: ReadonlyMap<string, Value>): Value => {
  if (args.length === 0) {
    const [attribute, otherwise] = [named.get('attribute'), named.get('default')];
    return itemsOf(value).map((item) => attributeOf(item, attribute) ?? otherwise);
  }
  const [name, ...rest] = args;
  return itemsOf(value).map((item) => applyFilter(textOf(name), item, rest, named));
};

/**
 * The value that a filter makes of another.
 * @throws RangeError naming a filter, or an argument of one, that is not known
 */
export const applyFilter = (
  name: string,
  value: Value,
  args: readonly Value[],
  named: ReadonlyMap<string, Value>,
): Value => {
  const test = /^is (not )?(.+)$/.exec(name);
  if (test) return testNamed(test[2]!)(value, args) === (test[1] === undefined);
  if (name === 'map') return mapped(value, args, named);
  const found = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (!found) return fail(`no filter named '${name}' is known`);
  const { parameters, apply } = found;
  if (args.length > parameters.length) return fail(`${name}: takes ${parameters.length} arguments, got ${args.length}`);
  const unknown = [...named.keys()].find((key) => !parameters.includes(key));
  if (unknown !== undefined) return fail(`${name}: no argument is named '${unknown}'`);
  return apply(value, {
    ...Object.fromEntries(named),
    ...Object.fromEntries(args.map((argument, index) => [parameters[index]!, argument])),
  });
};

/** An attribute or item as Jinja's dot and brackets read it: a method first behind a dot, an item first in brackets. */
export const memberOf = (value: Value, key: Value, dotted: boolean): Value => {
  if (value === undefined) return fail(`'${textOf(key)}' is read of something undefined`);
  if (isNamespace(value)) return value.namespace.get(textOf(key));
  const method = typeof key === 'string' ? methodOf(value, key) : undefined;
  if (method && (dotted || !isDict(value) || !hasKey(value, key))) return method;
  if (isDict(value)) return itemAt(value, key);
  if (isCallable(value)) return key === 'name' ? value.name : fail(`'${textOf(key)}' of a function is not known here`);
  if (typeof key !== 'number') return undefined;
  const items = itemsOf(typeof value === 'string' || isList(value) || isTuple(value) ? value : []);
  return items[key < 0 ? items.length + key : key];
};
