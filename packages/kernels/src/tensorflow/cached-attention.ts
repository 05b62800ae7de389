/** One decoding step against caches that are written in place. */
import type { NativeOps, NativeTensor, TensorflowSession } from '@svo/tensor';
import type { Attributes, Handles, Kernels } from '../registry.ts';
import { operations } from './operations.ts';
import { inRange } from './range-errors.ts';
import { rotaryFactors, rotated } from './rotary.ts';

type Sizes = Record<'heads' | 'keyValueHeads' | 'headDim' | 'window', number>;

export function cachedAttentionKernel({ kernel }: TensorflowSession): Kernels<'SvoCachedAttention'> {
  return {
    /**
     * The caches stay as they lie, `[R, room, Hkv·d]`: each head's query is laid out over the full width with zeros outside
     * its own columns, so that both products read a cache once and nothing is transposed.
     */
    SvoCachedAttention: (inputs: Handles, attributes: Attributes) =>
      kernel((ops) => {
        const { heads, keyValueHeads, headDim, window } = attributes as Sizes;
        const { mul, sum, gather, product, productWithTransposed, reshape } = operations(ops);
        const { keyCache, valueCache } = inputs as Record<'keyCache' | 'valueCache', Handles[string]>;
        const [rows, room, width] = keyCache!.shape as [number, number, number];
        const positions = ops.of(inputs.positions!);
        const [cos, sin] = [inputs.cos!, inputs.sin!].map((table) =>
          reshape(gather(ops.of(table), positions), [rows, 1, headDim / 2]),
        ) as [NativeTensor, NativeTensor];
        const turned = (x: NativeTensor, count: number, scale: number): NativeTensor =>
          rotated(ops, reshape(x, [rows, count, headDim]), rotaryFactors(ops, cos, sin, scale));

        const key = reshape(turned(ops.of(inputs.key!), keyValueHeads, 1), [rows, 1, width]);
        const value = reshape(ops.of(inputs.value!), [rows, 1, width]);
        const places = ops.run('Pack', [rowNumbers(ops, rows), positions], { N: 2, T: 'int32', axis: 1 });
        ops.asVariables([keyCache!, valueCache!], ([keys, values]) => {
          const at = reshape(places, [rows, 1, 2]);
          inRange('cachedAttention: positions', () => {
            ops.runAll('ResourceScatterNdUpdate', [keys!, at, key], 0);
            ops.runAll('ResourceScatterNdUpdate', [values!, at, value], 0);
          });
        });

        const query = reshape(turned(ops.of(inputs.query!), heads, 1 / Math.sqrt(headDim)), [rows, heads, 1, headDim]);
        const own = ownColumns(ops, heads, keyValueHeads);
        const spread = reshape(mul(query, own), [rows, heads, width]);
        const scores = productWithTransposed(spread, ops.of(keyCache!));
        const visible = visiblePlaces(ops, positions, rows, room, window);
        const masked = ops.run('SelectV2', [visible, scores, ops.constant(Number.NEGATIVE_INFINITY, 'float32')]);
        const mixed = product(ops.run('Softmax', [masked]), ops.of(valueCache!));
        const columns = mul(reshape(mixed, [rows, heads, keyValueHeads, headDim]), own);
        return [reshape(sum(columns, 2), [rows, heads * headDim])];
      }),
  };
}

/** 0 … R − 1. */
const rowNumbers = (ops: NativeOps, rows: number): NativeTensor =>
  ops.constant(Array.from({ length: rows }, (_, i) => i));

/** 1 where a query head reads that key head, 0 elsewhere: `[heads, keyValueHeads, 1]`. */
const ownColumns = (ops: NativeOps, heads: number, keyValueHeads: number): NativeTensor =>
  ops.table(`own columns ${heads} ${keyValueHeads}`, [heads, keyValueHeads, 1], () => {
    const share = heads / keyValueHeads;
    return Float32Array.from({ length: heads * keyValueHeads }, (_, i) =>
      Math.floor(Math.floor(i / keyValueHeads) / share) === i % keyValueHeads ? 1 : 0,
    );
  });

/** Whether a row's token sees each place of the cache: `[R, 1, room]`. */
function visiblePlaces(
  ops: NativeOps,
  positions: NativeTensor,
  rows: number,
  room: number,
  window: number,
): NativeTensor {
  const { reshape, sub } = operations(ops);
  const at = reshape(positions, [rows, 1, 1]);
  const places = ops.constant(Array.from({ length: room }, (_, i) => i));
  const past = ops.run('LessEqual', [places, at]);
  if (window >= room) return past;
  return ops.run('LogicalAnd', [past, ops.run('Greater', [places, sub(at, ops.constant(window))])]);
}
