/** Python's `str.format`, of plain fields alone. */
import { fail, textOf, type Value } from './values.ts';

/** A brace written twice, a field, or a brace that stands alone. */
const parts = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/**
 * A text with its fields filled in: `{}` in order, `{0}` by place, `{name}` by name.
 * @throws RangeError naming a field that nothing was given for, a lone brace, or a conversion, format or path, which are not known here
 */
export const formatted = (text: string, args: readonly Value[], named: ReadonlyMap<string, Value>): string => {
  let next = 0;
  let counted: boolean | undefined;
  const place = (index: number, automatic: boolean): Value => {
    if (counted === !automatic) return fail('format: {} and {0} cannot stand in one text');
    counted = automatic;
    return index < args.length ? args[index] : fail(`format: nothing was given for field ${index}`);
  };
  return text.replace(parts, (whole, field?: string) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    if (field === undefined) return fail(`format: a single '${whole}' (write it twice to print one)`);
    if (field === '') return textOf(place(next++, true));
    if (/^\d+$/.test(field)) return textOf(place(Number(field), false));
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(field)) return fail(`format: the field '{${field}}' is not known here`);
    return named.has(field) ? textOf(named.get(field)) : fail(`format: nothing was given for '${field}'`);
  });
};
