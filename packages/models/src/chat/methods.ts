/** The methods that Python's strings, dicts and lists have and templates may call. */
import { formatted } from './str-format.ts';
import {
  type Callable,
  equal,
  fail,
  hasKey,
  isDict,
  isList,
  isTuple,
  itemAt,
  itemsOf,
  shownAs,
  textOf,
  typeName,
  type Value,
} from './values.ts';

type Arguments = readonly Value[];

const textIn = (args: Arguments, index: number, method: string): string => {
  const value = args[index];
  return typeof value === 'string'
    ? value
    : fail(`${method}: argument ${index + 1} must be a str, got ${typeName(value)}`);
};

/** Whitespace to Python: Unicode's, and ASCII's four separators. */
const isSpace = (character: string): boolean =>
  /\p{White_Space}/u.test(character) || (character >= '\x1C' && character <= '\x1F');

/** Without the given characters, or whitespace, at its ends. */
export const stripped = (text: string, characters: Value, left: boolean, right: boolean): string => {
  if (characters !== undefined && characters !== null && typeof characters !== 'string')
    return fail(`strip: the characters must be a str, got ${typeName(characters)}`);
  const letters = [...text];
  const drop = typeof characters === 'string' ? new Set(characters) : undefined;
  const goes = (letter: string): boolean => (drop ? drop.has(letter) : isSpace(letter));
  let [from, to] = [0, letters.length];
  while (left && from < to && goes(letters[from]!)) from++;
  while (right && to > from && goes(letters[to - 1]!)) to--;
  return letters.slice(from, to).join('');
};

const onSpace = (text: string, most: number): string[] => {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = at;
    while (end < text.length && !isSpace(text[end]!)) end++;
    if (end > at && parts.length === most) return [...parts, text.slice(at)];
    if (end > at) parts.push(text.slice(at, end));
    at = end + 1;
  }
  return parts;
};

const split = (text: string, separator: Value, limit: Value): string[] => {
  const most = typeof limit === 'number' && limit >= 0 ? limit : Number.POSITIVE_INFINITY;
  if (separator === undefined || separator === null) return onSpace(text, most);
  if (typeof separator !== 'string' || separator === '')
    return fail('split: the separator must be a str that is not empty');
  const parts = text.split(separator);
  return parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)];
};

const splitRight = (text: string, separator: Value, limit: Value): string[] => {
  if (typeof limit !== 'number' || limit < 0) return split(text, separator, -1);
  if (typeof separator !== 'string' || separator === '')
    return fail('rsplit: with a limit the separator must be a str');
  const parts = text.split(separator);
  const kept = Math.max(0, parts.length - limit);
  return kept === 0 ? parts : [parts.slice(0, kept).join(separator), ...parts.slice(kept)];
};

/** Letters of two, whose capital at a word's beginning is neither of JavaScript's. */
const digraphs: ReadonlyMap<string, string> = new Map(
  ['ǅǄǆ', 'ǈǇǉ', 'ǋǊǌ', 'ǲǱǳ'].flatMap((three) => [...three].map((letter) => [letter, three[0]!] as const)),
);

/** A word's first letter in title case: 'ß' is 'Ss', 'ﬁ' is 'Fi', a Greek letter keeps its iota below. */
const titleCase = (letter: string): string => {
  const [first = '', ...rest] = [...letter.toUpperCase()];
  const digraph = digraphs.get(letter);
  if (digraph !== undefined) return digraph;
  if (/[\u1F80-\u1FFF]/.test(letter) && rest.at(-1) === '\u0399')
    return [first, ...rest.slice(0, -1), '\u0345'].join('').normalize('NFC');
  return first + rest.join('').toLowerCase();
};

/** The first letter large, the others small; they are small in their context, where a sigma may be the last. */
export const capitalized = (text: string): string => {
  const [first = ''] = text;
  return titleCase(first) + text.toLowerCase().slice(first.toLowerCase().length);
};

/** Python's `str.title`: a letter behind none that has a case is large. */
const titled = (text: string): string => text.replace(/\p{Cased}+/gu, capitalized);

/** At most `count` times, all by default. */
export const replaced = (text: string, old: string, replacement: string, count: Value): string => {
  if (typeof count !== 'number' || count < 0) return text.replaceAll(old, () => replacement);
  let left = count;
  return text.replaceAll(old, () => (left-- > 0 ? replacement : old));
};

/** Python's line ends; ASCII's separators are among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const lineEnd = /\r\n|[\n\r\v\f\x1C-\x1E\x85\u2028\u2029]/;

/** Python's `str.splitlines`: a line end at the text's own end begins no line. */
export const linesOf = (text: string): string[] => {
  const lines = text.split(lineEnd);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
};

const anyOf = (args: Arguments, method: string, test: (part: string) => boolean): boolean => {
  const parts = isTuple(args[0]) ? args[0].tuple : [args[0]];
  return parts.some((_, index) => test(textIn(parts, index, method)));
};

/** A place in UTF-16 as the number of characters before it. */
const characters = (text: string, at: number): number => (at === -1 ? -1 : [...text.slice(0, at)].length);

const isAll = (text: string, pattern: RegExp): boolean => text !== '' && pattern.test(text);

/** Letters with a case are in it, all of them and at least one. */
export const isUpper = (text: string): boolean => /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
export const isLower = (text: string): boolean => /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);

type Method<T> = (self: T, args: Arguments, named: ReadonlyMap<string, Value>) => Value;

const ofText: Readonly<Record<string, Method<string>>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  title: titled,
  capitalize: capitalized,
  strip: (text, [drop]) => stripped(text, drop, true, true),
  lstrip: (text, [drop]) => stripped(text, drop, true, false),
  rstrip: (text, [drop]) => stripped(text, drop, false, true),
  startswith: (text, args) => anyOf(args, 'startswith', (part) => text.startsWith(part)),
  endswith: (text, args) => anyOf(args, 'endswith', (part) => text.endsWith(part)),
  split: (text, args, named) => split(text, args[0] ?? named.get('sep'), args[1] ?? named.get('maxsplit')),
  rsplit: (text, args, named) => splitRight(text, args[0] ?? named.get('sep'), args[1] ?? named.get('maxsplit')),
  splitlines: linesOf,
  replace: (text, args, named) =>
    replaced(text, textIn(args, 0, 'replace'), textIn(args, 1, 'replace'), args[2] ?? named.get('count')),
  format: formatted,
  join: (text, [items]) =>
    itemsOf(items)
      .map((_, index, all) => textIn(all, index, 'join'))
      .join(text),
  find: (text, args) => characters(text, text.indexOf(textIn(args, 0, 'find'))),
  rfind: (text, args) => characters(text, text.lastIndexOf(textIn(args, 0, 'rfind'))),
  index: (text, args) => {
    const at = text.indexOf(textIn(args, 0, 'index'));
    return at === -1 ? fail('index: substring not found') : characters(text, at);
  },
  count: (text, args) => text.split(textIn(args, 0, 'count')).length - 1,
  removeprefix: (text, args) =>
    text.startsWith(textIn(args, 0, 'removeprefix')) ? text.slice(textIn(args, 0, 'removeprefix').length) : text,
  removesuffix: (text, args) => {
    const suffix = textIn(args, 0, 'removesuffix');
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  partition: (text, args) => {
    const separator = textIn(args, 0, 'partition');
    const at = text.indexOf(separator);
    return { tuple: at === -1 ? [text, '', ''] : [text.slice(0, at), separator, text.slice(at + separator.length)] };
  },
  rpartition: (text, args) => {
    const separator = textIn(args, 0, 'rpartition');
    const at = text.lastIndexOf(separator);
    return { tuple: at === -1 ? ['', '', text] : [text.slice(0, at), separator, text.slice(at + separator.length)] };
  },
  isdigit: (text) => isAll(text, /^[\p{Nd}\u00B2\u00B3\u00B9]+$/u),
  isalpha: (text) => isAll(text, /^\p{L}+$/u),
  isalnum: (text) => isAll(text, /^[\p{L}\p{N}]+$/u),
  isspace: (text) => text !== '' && [...text].every(isSpace),
  isupper: isUpper,
  islower: isLower,
};

const ofDict: Readonly<Record<string, Method<Map<Value, Value>>>> = {
  get: (dict, args, named) =>
    hasKey(dict, args[0]) ? itemAt(dict, args[0]) : (args[1] ?? named.get('default') ?? null),
  items: (dict) =>
    shownAs(
      'dict_items',
      [...dict].map((pair) => ({ tuple: pair })),
    ),
  keys: (dict) => shownAs('dict_keys', [...dict.keys()]),
  values: (dict) => shownAs('dict_values', [...dict.values()]),
  copy: (dict) => new Map(dict),
};

const ofList: Readonly<Record<string, Method<readonly Value[]>>> = {
  count: (list, [item]) => list.filter((one) => equal(one, item)).length,
  index: (list, [item]) => {
    const at = list.findIndex((one) => equal(one, item));
    return at === -1 ? fail(`index: ${textOf(item)} is not in the list`) : at;
  },
  copy: (list) => [...list],
};

/** Methods that change what they are called on: transformers' sandbox forbids them. */
const forbidden = new Set([
  'append',
  'extend',
  'insert',
  'remove',
  'clear',
  'pop',
  'popitem',
  'reverse',
  'setdefault',
  'sort',
  'update',
]);

const bound = <T>(self: T, methods: Readonly<Record<string, Method<T>>>, name: string): Callable | undefined => {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method && { name, call: (args, named) => method(self, args, named) };
};

/** Names that are methods of Python's and not known here: refused rather than taken for absent. */
const pythons = new Set(
  'casefold center encode expandtabs format_map isascii isdecimal isidentifier isnumeric isprintable istitle ljust maketrans rindex rjust swapcase translate zfill fromkeys'.split(
    ' ',
  ),
);

/** The method of that name, where a value of this type has one. */
export const methodOf = (self: Value, name: string): Callable | undefined => {
  const found =
    typeof self === 'string'
      ? bound(self, ofText, name)
      : isDict(self)
        ? bound(self, ofDict, name)
        : isList(self) || isTuple(self)
          ? bound(isTuple(self) ? self.tuple : self, ofList, name)
          : undefined;
  if (found) return found;
  const unsafe = forbidden.has(name) && (isList(self) || isDict(self));
  const unknown = pythons.has(name) && typeof self === 'string';
  if (!unsafe && !unknown) return undefined;
  return {
    name,
    call: () =>
      fail(
        unsafe
          ? `the method '${name}' of a ${typeName(self)} changes it, which templates may not`
          : `the method '${name}' of str is not known here`,
      ),
  };
};
