import type { SchemaElement } from 'hyparquet';

/**
 * A Parquet schema that holds the given rows: text as UTF8, numbers as DOUBLE (every JavaScript number survives), booleans,
 * lists and records of these at any depth. Every field is optional, so a missing one is a null.
 *
 * @throws TypeError, naming the column, where values of one column differ in kind
 */
export function parquetSchemaOf(rows: readonly Readonly<Record<string, unknown>>[]): SchemaElement[] {
  const fields = fieldsOf(rows);
  return [
    { name: 'root', num_children: fields.size },
    ...[...fields].flatMap(([name, values]) => element(name, values, name)),
  ];
}

const fieldsOf = (records: readonly object[]): Map<string, unknown[]> => {
  const fields = new Map<string, unknown[]>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      const values = fields.get(name) ?? [];
      values.push(value);
      fields.set(name, values);
    }
  }
  return fields;
};

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'list' : typeof value === 'object' ? 'record' : typeof value;

const element = (name: string, values: readonly unknown[], path: string): SchemaElement[] => {
  const present = values.filter((value) => value !== null && value !== undefined);
  const kinds = new Set(present.map(kindOf));
  if (kinds.size > 1) {
    throw new TypeError(
      `writeRows: column '${path}' must hold one kind of value for Parquet, got ${[...kinds].join(' and ')} (JSONL holds both)`,
    );
  }
  const [kind = 'string'] = kinds;
  const repetition_type = 'OPTIONAL' as const;
  switch (kind) {
    case 'string':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }];
    case 'number':
      return [{ name, type: 'DOUBLE', repetition_type }];
    case 'boolean':
      return [{ name, type: 'BOOLEAN', repetition_type }];
    case 'list':
      return [
        { name, converted_type: 'LIST', repetition_type, num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...element('element', (present as unknown[][]).flat(), `${path}[]`),
      ];
    case 'record': {
      const fields = fieldsOf(present as object[]);
      if (fields.size === 0)
        throw new TypeError(`writeRows: column '${path}' holds empty records, which Parquet can't hold`);
      return [
        { name, repetition_type, num_children: fields.size },
        ...[...fields].flatMap(([field, inner]) => element(field, inner, `${path}.${field}`)),
      ];
    }
    default:
      throw new TypeError(
        `writeRows: column '${path}' must hold text, numbers, booleans, lists or records, got ${kind}`,
      );
  }
};
