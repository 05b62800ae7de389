import { expect, test } from 'vitest';
import { parquetSchemaOf } from './parquet-schema.ts';

test('a conversation: a list of records', () => {
  expect(parquetSchemaOf([{ prompt: [{ role: 'user', content: 'a' }] }])).toEqual([
    { name: 'root', num_children: 1 },
    { name: 'prompt', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
    { name: 'role', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    { name: 'content', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  ]);
});

test('fields are the union over rows, kinds those of the values that are there', () => {
  expect(parquetSchemaOf([{ a: null }, { a: 1, b: true }]).map(({ name, type }) => [name, type])).toEqual([
    ['root', undefined],
    ['a', 'DOUBLE'],
    ['b', 'BOOLEAN'],
  ]);
});

test('mixed kinds name the place', () => {
  expect(() => parquetSchemaOf([{ labels: [true, 1] }])).toThrow(
    "column 'labels[]' must hold one kind of value for Parquet, got boolean and number",
  );
  expect(() => parquetSchemaOf([{ a: 1n }])).toThrow(
    "column 'a' must hold text, numbers, booleans, lists or records, got bigint",
  );
});
