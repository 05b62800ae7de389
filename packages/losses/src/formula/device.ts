import { type Tensor, tf } from '@svo/tensor';
import { elementOperations } from './device-elements.ts';
import type { DeviceOperation } from './device-operation.ts';
import { rowOperations } from './device-rows.ts';
import type { SharedParts } from './shared.ts';
import type { Shape, Term } from './term.ts';

/** What a run is given: how long each dimension is, scalars and float32 tensors by name. */
export interface OnDevice {
  readonly sizes: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

const operations: Readonly<Record<string, DeviceOperation>> = { ...elementOperations, ...rowOperations };

/** Terms as tensor operations, for backends whose memory is elsewhere: float32, and nothing is read back. */
export function runOnDevice(shared: SharedParts, { sizes, options, inputs }: OnDevice): Tensor[] {
  const values = new Map<Term, Tensor | number>();
  const columns = sizes[shared.order.find(({ shape }) => shape.includes(' '))?.shape.split(' ')[1] ?? ''] ?? 1;
  for (const value of shared.order) {
    const { operation, detail } = value;
    const place = { number: detail.number ?? 0, shape: lengths(value.shape, sizes), columns };
    if (operation === 'constant') values.set(value, detail.number!);
    else if (operation === 'option') values.set(value, options[detail.name!]!);
    else if (operation === 'size') values.set(value, Math.max(sizes[detail.name!]!, 1));
    else if (operation === 'input') values.set(value, inputs[detail.name!]!);
    else
      values.set(
        value,
        operations[operation]!(
          value.operands.map((operand) => values.get(operand)!),
          place,
        ),
      );
  }
  return shared.roots.map((root) => {
    const value = values.get(root)!;
    return typeof value === 'number' ? tf.scalar(value) : value;
  });
}

const lengths = (shape: Shape, sizes: OnDevice['sizes']): number[] =>
  shape === '' ? [] : shape.split(' ').map((dimension) => sizes[dimension]!);
