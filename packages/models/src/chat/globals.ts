/** The functions that every template finds: Jinja's own, and transformers'. */
import { type Callable, fail, isDict, itemsOf, numberOf, shownAs, textOf, type Value } from './values.ts';

/** As Jinja's sandbox has it. */
const longestRange = 100_000;

const range: Callable = {
  name: 'range',
  call: (args) => {
    const [a = 0, b, c = 1] = args.map((value) => numberOf(value) ?? fail('range: takes ints'));
    const [from, to] = b === undefined ? [0, a] : [a, b];
    if (c === 0) return fail('range: the step must not be 0');
    const count = Math.max(0, Math.ceil((to - from) / c));
    if (count > longestRange) return fail(`range: at most ${longestRange} numbers, got ${count}`);
    return shownAs(
      `range(${from}, ${to}${c === 1 ? '' : `, ${c}`})`,
      Array.from({ length: count }, (_, index) => from + index * c),
    );
  },
};

const namespace: Callable = {
  name: 'namespace',
  call: ([given], named) => {
    const pairs = given === undefined ? [] : isDict(given) ? [...given] : itemsOf(given).map((pair) => itemsOf(pair));
    return { namespace: new Map([...pairs.map(([key, value]) => [textOf(key), value] as const), ...named]) };
  },
};

const dict: Callable = {
  name: 'dict',
  call: ([given], named) => {
    const pairs = given === undefined ? [] : isDict(given) ? [...given] : itemsOf(given).map((pair) => itemsOf(pair));
    return new Map<Value, Value>([...pairs.map(([key, value]) => [key, value] as const), ...named]);
  },
};

const raiseException: Callable = { name: 'raise_exception', call: ([message]) => fail(textOf(message)) };

const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
const named = (date: Date, options: Intl.DateTimeFormatOptions): string => date.toLocaleString('en-US', options);

const directives: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getFullYear()),
  y: (date) => pad(date.getFullYear() % 100),
  m: (date) => pad(date.getMonth() + 1),
  d: (date) => pad(date.getDate()),
  H: (date) => pad(date.getHours()),
  I: (date) => pad(date.getHours() % 12 || 12),
  M: (date) => pad(date.getMinutes()),
  S: (date) => pad(date.getSeconds()),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  B: (date) => named(date, { month: 'long' }),
  b: (date) => named(date, { month: 'short' }),
  A: (date) => named(date, { weekday: 'long' }),
  a: (date) => named(date, { weekday: 'short' }),
  '%': () => '%',
};

/** The clock's time: who needs the same text every day passes a `strftime_now`, or the date the template asks for, as a variable. */
const strftimeNow: Callable = {
  name: 'strftime_now',
  call: ([format]) => {
    const now = new Date();
    return textOf(format).replace(/%(-?)(.)/g, (whole, bare, letter) => {
      const write = Object.hasOwn(directives, letter) ? directives[letter] : undefined;
      if (!write) return fail(`strftime_now: '${whole}' is not known`);
      return bare ? write(now).replace(/^0(?=\d)/, '') : write(now);
    });
  },
};

/** By name. Variables of the same name come before them. */
export const globals: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...[range, namespace, dict, raiseException, strftimeNow].map((value) => [value.name, value] as const),
  ...['true', 'True'].map((name) => [name, true] as const),
  ...['false', 'False'].map((name) => [name, false] as const),
  ...['none', 'None'].map((name) => [name, null] as const),
]);
