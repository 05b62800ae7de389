/** ONNX models of one node, written as protobuf (onnx.proto3, IR version 9, operators of version 17). */

/** Y = op(A) op(B), or that plus C. */
export interface ProductModel {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly accumulate: boolean;
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
const message = (field: number, bytes: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const integer = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const text = (field: number, value: string): number[] => message(field, [...new TextEncoder().encode(value)]);

/** ValueInfoProto: a float matrix whose sizes are names, so that one model serves every shape. */
const matrix = (name: string, rows: string, columns: string): number[] => {
  const shape = [rows, columns].flatMap((size) => message(1, text(2, size)));
  const float = 1;
  return [...text(1, name), ...message(2, message(1, [...integer(1, float), ...message(2, shape)]))];
};

/** AttributeProto: an integer. */
const attribute = (name: string, value: number): number[] => [
  ...text(1, name),
  ...integer(3, value),
  ...integer(20, 2),
];

/** The bytes of a model whose only node is Gemm over inputs `a`, `b` and, to add to, `c`. */
export function productModel({ transposeA, transposeB, accumulate }: ProductModel): Uint8Array {
  const inputs = [
    matrix('a', 'rowsA', 'columnsA'),
    matrix('b', 'rowsB', 'columnsB'),
    ...(accumulate ? [matrix('c', 'rows', 'columns')] : []),
  ];
  const node = [
    ...['a', 'b', ...(accumulate ? ['c'] : [])].flatMap((name) => text(1, name)),
    ...text(2, 'y'),
    ...text(4, 'Gemm'),
    ...message(5, attribute('transA', Number(transposeA))),
    ...message(5, attribute('transB', Number(transposeB))),
  ];
  const graph = [
    ...message(1, node),
    ...text(2, 'product'),
    ...inputs.flatMap((input) => message(11, input)),
    ...message(12, matrix('y', 'rows', 'columns')),
  ];
  return Uint8Array.from([...integer(1, 9), ...message(7, graph), ...message(8, integer(2, 17))]);
}
