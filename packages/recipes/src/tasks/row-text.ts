type Row = Readonly<Record<string, unknown>>;

/**
 * The text of a row's column, the first of some names that is there.
 *
 * @throws RangeError naming the columns that were looked for and those that are there
 */
export function textOf(row: Row, ...names: readonly string[]): string {
  const name = names.find((one) => typeof row[one] === 'string');
  if (name !== undefined) return row[name] as string;
  throw new RangeError(`text was expected in column ${names.join(' or ')}, columns found: ${columnsOf(row)}`);
}

/** The names of a row's columns, for a message. */
export const columnsOf = (row: Row): string => Object.keys(row).slice(0, 30).join(', ') || 'none';

/** The row's own name, where it has one. */
export function idOf(row: Row): { readonly id?: string | number } {
  const id = ['id', 'unique_id', 'question_id'].map((name) => row[name]).find((one) => one !== undefined);
  return typeof id === 'string' || typeof id === 'number' ? { id } : {};
}
