/** The filter `tojson`, which transformers defines as Python's `json.dumps`. */
import { compare, fail, isDict, isFloat, isList, isTuple, textOf, truthy, typeName, type Value } from './values.ts';

const asciiOnly = (text: string): string =>
  text.replace(/[\x7F-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** How `json.dumps` is asked to write. */
interface Style {
  readonly ascii: boolean;
  readonly indent: string | undefined;
  readonly separators: readonly [item: string, key: string];
  readonly sortKeys: boolean;
}

const written = (value: Value, style: Style, margin: string): string => {
  if (typeof value === 'string') return style.ascii ? asciiOnly(JSON.stringify(value)) : JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || isFloat(value)) return textOf(value);
  const inner = style.indent === undefined ? margin : margin + style.indent;
  const wrapped = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close;
    if (style.indent === undefined) return open + parts.join(style.separators[0]) + close;
    return `${open}\n${inner}${parts.join(`${style.separators[0]}\n${inner}`)}\n${margin}${close}`;
  };
  if ((isList(value) && typeName(value) === 'list') || isTuple(value)) {
    const items = isTuple(value) ? value.tuple : value;
    return wrapped(
      '[',
      items.map((item) => written(item, style, inner)),
      ']',
    );
  }
  if (!isDict(value)) return fail(`tojson: an object of type ${typeName(value)} is not JSON`);
  const keyText = (key: Value): string =>
    typeof key === 'string' ? key : key === null || typeof key === 'boolean' ? String(key) : textOf(key);
  const entries = style.sortKeys ? [...value].sort(([a], [b]) => compare(a, b)) : [...value];
  const pairs = entries.map(
    ([key, item]) => written(keyText(key), style, inner) + style.separators[1] + written(item, style, inner),
  );
  return wrapped('{', pairs, '}');
};

/** A value as JSON text, with the options of transformers' `tojson`: `ensure_ascii`, `indent`, `separators`, `sort_keys`. */
export const jsonText = (value: Value, ascii: Value, indent: Value, separators: Value, sortKeys: Value): string => {
  const width =
    typeof indent === 'number' ? ' '.repeat(Math.max(0, indent)) : typeof indent === 'string' ? indent : undefined;
  const given =
    separators === undefined || separators === null ? undefined : isTuple(separators) ? separators.tuple : separators;
  const pair = isList(given) && given.length === 2 ? given.map(textOf) : undefined;
  if (given !== undefined && !pair) return fail('tojson: separators must be two texts');
  return written(
    value,
    {
      ascii: truthy(ascii),
      indent: width,
      separators: pair ? [pair[0]!, pair[1]!] : [width === undefined ? ', ' : ',', ': '],
      sortKeys: truthy(sortKeys),
    },
    '',
  );
};
