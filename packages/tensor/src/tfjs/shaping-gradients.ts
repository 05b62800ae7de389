/** Gradients of operations that move elements and change none. */
import * as tf from './operations.ts';

/** A gradient of `x` from its shape alone. */
const ofShape = (
  kernelName: string,
  gradient: (dy: tf.Tensor, x: tf.Tensor, attrs: Record<string, unknown>) => tf.Tensor,
): tf.GradConfig => ({
  kernelName,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attrs) => ({ x: () => gradient(dy as tf.Tensor, x!, attrs) }),
});

/** The inverse of a permutation of axes. */
const inverse = (order: readonly number[]): number[] => order.map((_, axis) => order.indexOf(axis));

/** Each copy's gradient added up: the tiled shape is read as [repeats, size] for every axis, and the repeats are summed. */
function untile(dy: tf.Tensor, shape: number[], repeats: readonly number[]): tf.Tensor {
  const split = shape.flatMap((size, axis) => [repeats[axis]!, size]);
  return tf.sum(
    tf.reshape(dy, split),
    shape.map((_, axis) => 2 * axis),
  );
}

/** Rows of dy added at the indices they were gathered from, along `axis`; the first `batchDims` axes go together. */
function ungather(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  if (batchDims > 0) {
    const parts = Array.from({ length: x.shape[0]! }, (_, i) => {
      const at = (tensor: tf.Tensor): tf.Tensor => tf.squeeze(tf.slice(tensor, [i], [1]), [0]);
      return ungather(at(dy), at(x), at(indices), axis - 1, batchDims - 1);
    });
    return tf.stack(parts);
  }
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const count = indices.size;
  const values = tf.reshape(dy, [...before, count, ...after]);
  const rank = before.length + 1 + after.length;
  const first = [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)];
  const summed = tf.unsortedSegmentSum(
    tf.transpose(values, first),
    tf.reshape(indices, [count]) as tf.Tensor1D,
    x.shape[axis]!,
  );
  return tf.transpose(summed, inverse(first));
}

export const shapingGradients: readonly tf.GradConfig[] = [
  ofShape('Reshape', (dy, x) => tf.reshape(dy, x.shape)),
  {
    kernelName: 'ExpandDims',
    inputsToSave: ['input'],
    gradFunc: (dy, [input]) => ({ input: () => tf.reshape(dy as tf.Tensor, input!.shape) }),
  },
  ofShape('Reverse', (dy, _, { dims }) => tf.reverse(dy, dims as number[])),
  ofShape('Transpose', (dy, _, { perm }) => tf.transpose(dy, inverse(perm as number[]))),
  ofShape('Tile', (dy, x, { reps }) => untile(dy, x.shape, reps as number[])),
  ofShape('BroadcastTo', (dy, x, { shape }) => {
    const axes = (shape as number[]).flatMap((size, axis) => {
      const own = axis - ((shape as number[]).length - x.shape.length);
      return own < 0 || (x.shape[own] === 1 && size !== 1) ? [axis] : [];
    });
    return tf.reshape(tf.sum(dy, axes, true), x.shape);
  }),
  ofShape('Slice', (dy, x, { begin, size }) => {
    const sizes = (size as number[]).map((length, axis) =>
      length < 0 ? x.shape[axis]! - (begin as number[])[axis]! : length,
    );
    const paddings = (begin as number[]).map(
      (from, axis) => [from, x.shape[axis]! - from - sizes[axis]!] as [number, number],
    );
    return tf.pad(dy, paddings);
  }),
  ofShape('PadV2', (dy, x, { paddings }) =>
    tf.slice(
      dy,
      (paddings as [number, number][]).map(([from]) => from),
      x.shape,
    ),
  ),
  {
    kernelName: 'Concat',
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      const axis = tf.util.parseAxisParam((attrs as unknown as { axis: number }).axis, saved[0]!.shape)[0]!;
      const parts = tf.split(
        dy as tf.Tensor,
        saved.map(({ shape }) => shape[axis]!),
        axis,
      );
      return Object.fromEntries(parts.map((part, i) => [i, () => part]));
    },
  },
  {
    kernelName: 'SplitV',
    gradFunc: (dy, _, attrs) => ({
      x: () => tf.concat(dy as tf.Tensor[], (attrs as unknown as { axis: number }).axis),
    }),
  },
  {
    kernelName: 'Pack',
    saveAllInputs: true,
    gradFunc: (dy, _, attrs) => {
      const parts = tf.unstack(dy as tf.Tensor, (attrs as unknown as { axis: number }).axis);
      return Object.fromEntries(parts.map((part, i) => [i, () => part]));
    },
  },
  {
    kernelName: 'Unpack',
    gradFunc: (dy, _, attrs) => ({
      value: () => tf.stack(dy as tf.Tensor[], (attrs as unknown as { axis: number }).axis),
    }),
  },
  {
    kernelName: 'GatherV2',
    inputsToSave: ['x', 'indices'],
    gradFunc: (dy, [x, indices], attrs) => {
      const { axis, batchDims } = attrs as unknown as { axis: number; batchDims: number };
      const along = tf.util.parseAxisParam(axis, x!.shape)[0]!;
      return { x: () => ungather(dy as tf.Tensor, x!, indices!, along, batchDims), indices: () => indices! };
    },
  },
  {
    kernelName: 'OneHot',
    inputsToSave: ['indices'],
    gradFunc: (_, [indices]) => ({ indices: () => tf.zeros(indices!.shape, 'float32') }),
  },
  {
    kernelName: 'UnsortedSegmentSum',
    inputsToSave: ['segmentIds'],
    gradFunc: (given, [segmentIds]) => {
      const dy = given as tf.Tensor;
      return {
        // A negative segment took part in no sum.
        x: () => {
          const rows = tf.gather(dy, tf.maximum(segmentIds!, tf.zerosLike(segmentIds!)));
          const used = tf.greaterEqual(segmentIds!, tf.scalar(0, 'int32'));
          const wide = tf.reshape(used, [...used.shape, ...Array<number>(rows.rank - used.rank).fill(1)]);
          return tf.mul(rows, tf.cast(wide, 'float32'));
        },
        segmentIds: () => tf.zerosLike(segmentIds!),
      };
    },
  },
];
