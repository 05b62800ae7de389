/** The private part of tfjs-node 4.22.0: TensorFlow's own operations, called by name on the tensors behind tfjs's handles. */
import { tf } from '../../tf.ts';
import type { TensorHandle } from './handle.ts';

/** A tensor inside TensorFlow. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: readonly number[];
}

/** Attributes of an operation that TensorFlow cannot infer from the inputs: a flag, an integer, a shape, a data type, a name. */
export type NativeAttributes = Readonly<Record<string, boolean | number | readonly number[] | string>>;

/** What a kernel's body works with. Tensors it makes are freed when it returns, except those it returns. */
export interface NativeOps {
  /** The tensor behind a handle; it stays the handle's. */
  of(handle: TensorHandle): NativeTensor;
  /** Runs an operation and gives its first result. */
  run(name: string, inputs: readonly NativeTensor[], attributes?: NativeAttributes): NativeTensor;
  /** Runs an operation with `outputs` results. */
  runAll(
    name: string,
    inputs: readonly NativeTensor[],
    outputs: number,
    attributes?: NativeAttributes,
  ): readonly NativeTensor[];
  /** A constant: a number, or a list of integers. Made once and kept. */
  constant(values: number | readonly number[], dtype?: 'float32' | 'int32'): NativeTensor;
  /** A constant too long to name by its values: `key` must tell it from all others. */
  table(key: string, shape: readonly number[], make: () => Float32Array): NativeTensor;
  /** Frees an intermediate result early. */
  free(...tensors: readonly NativeTensor[]): void;
  /**
   * Lends the data of handles to TensorFlow variables, which operations may write to in place, and gives the handles what
   * the variables hold afterwards. Data that another tensor still shares is copied by TensorFlow before it is written.
   */
  asVariables(handles: readonly TensorHandle[], update: (variables: readonly NativeTensor[]) => void): void;
}

/** The active TensorFlow backend, opened for kernels of our own. */
export interface TensorflowSession {
  /** Runs a kernel's body; what it returns becomes tensors of tfjs. */
  kernel(body: (ops: NativeOps) => readonly NativeTensor[]): TensorHandle[];
}

interface Metadata extends NativeTensor {
  readonly dtype: number;
}

interface NodeBackend {
  readonly binding: {
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_SHAPE: number;
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    executeOp(name: string, attributes: readonly object[], inputs: readonly number[], outputs: number): Metadata[];
    createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number;
    deleteTensor(id: number): void;
  };
  readonly tensorMap: { get(dataId: object): { id: number } };
  getInputTensorIds(handles: readonly TensorHandle[]): number[];
  createOutputTensor(metadata: NativeTensor): TensorHandle;
}

/** Floats kept as constants before all of them are dropped and made anew: 8 MiB. */
const constantRoom = 1 << 21;

let session: { readonly backend: unknown; readonly value: TensorflowSession } | undefined;

/** Opens the active TensorFlow backend; throws when another one is active. */
export function tensorflowSession(): TensorflowSession {
  if (tf.getBackend() !== 'tensorflow')
    throw new Error(
      `tensorflowSession: the tensorflow backend must be active, got '${tf.getBackend()}' (call useBackend('tensorflow') first)`,
    );
  const backend = tf.backend() as unknown as NodeBackend;
  if (session?.backend !== backend) session = { backend, value: openSession(backend) };
  return session.value;
}

function openSession(backend: NodeBackend): TensorflowSession {
  const { binding } = backend;
  const constants = constantsOf(backend);
  const describe = attributeEncoder(binding);
  /** One variable for each place of `asVariables`, lent to whatever has to be written next. */
  const variables: NativeTensor[] = [];
  const execute = (name: string, inputs: readonly NativeTensor[], outputs: number, attributes?: NativeAttributes) =>
    binding.executeOp(name, attributes === undefined ? [] : describe(attributes), idsOf(inputs), outputs);

  const kernel: TensorflowSession['kernel'] = (body) => {
    constants.sweep();
    const alive = new Map<number, Metadata>();
    const runAll: NativeOps['runAll'] = (name, inputs, outputs, attributes) => {
      const made = execute(name, inputs, outputs, attributes);
      for (const tensor of made) alive.set(tensor.id, tensor);
      return made;
    };
    const variable = (place: number): NativeTensor =>
      (variables[place] ??= execute('VarHandleOp', [], 1, {
        container: '',
        shared_name: `svo-${place}`,
        dtype: 'float32',
        shape: [],
      })[0]!);
    const ops: NativeOps = {
      of: (handle) => ({ id: backend.getInputTensorIds([handle])[0]!, shape: handle.shape }),
      run: (name, inputs, attributes) => runAll(name, inputs, 1, attributes)[0]!,
      runAll,
      constant: constants.of,
      table: constants.table,
      free(...tensors) {
        for (const { id } of tensors) if (alive.delete(id)) binding.deleteTensor(id);
      },
      asVariables(handles, update) {
        const lent = handles.map((handle, place) => {
          const tensor = ops.of(handle);
          const holder = variable(place);
          execute('AssignVariableOp', [holder, tensor], 0);
          // The variable is now the only owner, so that writing needs no copy.
          binding.deleteTensor(tensor.id);
          return holder;
        });
        try {
          update(lent);
        } finally {
          for (const [place, handle] of handles.entries()) {
            const [value] = execute('ReadVariableOp', [lent[place]!], 1, { dtype: 'float32' });
            backend.tensorMap.get(handle.dataId).id = value!.id;
            execute('AssignVariableOp', [lent[place]!, constants.of(0, 'float32')], 0);
          }
        }
      },
    };
    try {
      const results = body(ops) as readonly Metadata[];
      for (const { id } of results) alive.delete(id);
      return results.map((result) => backend.createOutputTensor(result));
    } finally {
      for (const id of alive.keys()) binding.deleteTensor(id);
    }
  };
  return { kernel };
}

const idsOf = (tensors: readonly NativeTensor[]): number[] => tensors.map(({ id }) => id);

/** Encodes attributes as the binding takes them; each distinct record is encoded once. */
function attributeEncoder(binding: NodeBackend['binding']): (attributes: NativeAttributes) => readonly object[] {
  const known = new WeakMap<NativeAttributes, readonly object[]>();
  const encode = (name: string, value: NativeAttributes[string]): object => {
    if (typeof value === 'boolean') return { name, type: binding.TF_ATTR_BOOL, value };
    if (typeof value === 'number') return { name, type: binding.TF_ATTR_INT, value };
    if (typeof value !== 'string') return { name, type: binding.TF_ATTR_SHAPE, value };
    if (value === 'float32') return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
    if (value === 'int32') return { name, type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 };
    return { name, type: binding.TF_ATTR_STRING, value };
  };
  return (attributes) => {
    const before = known.get(attributes);
    if (before !== undefined) return before;
    const encoded = Object.entries(attributes).map(([name, value]) => encode(name, value));
    known.set(attributes, encoded);
    return encoded;
  };
}

/** Constants by their values; dropped all together once they take too much room, between kernels. */
function constantsOf({ binding }: NodeBackend): Pick<NativeOps, 'table'> & {
  of: NativeOps['constant'];
  sweep(): void;
} {
  const kept = new Map<string, NativeTensor>();
  let size = 0;
  const keep = (key: string, shape: readonly number[], make: () => Float32Array | Int32Array): NativeTensor => {
    const before = kept.get(key);
    if (before !== undefined) return before;
    const values = make();
    const dtype = values instanceof Int32Array ? binding.TF_INT32 : binding.TF_FLOAT;
    const constant = { id: binding.createTensor(shape, dtype, values), shape };
    kept.set(key, constant);
    size += values.length + 16;
    return constant;
  };
  return {
    of(values, dtype = 'int32') {
      const list = typeof values === 'number' ? [values] : values;
      const shape = typeof values === 'number' ? [] : [list.length];
      const Kind = dtype === 'int32' ? Int32Array : Float32Array;
      return keep(`${dtype} ${shape} ${list}`, shape, () => Kind.from(list));
    },
    table: (key, shape, make) => keep(key, shape, make),
    sweep() {
      if (size < constantRoom) return;
      for (const { id } of kept.values()) binding.deleteTensor(id);
      kept.clear();
      size = 0;
    },
  };
}

/** Does the active TensorFlow backend compute on a GPU? */
export const usesGpu = (): boolean =>
  (tf.backend() as unknown as { readonly isUsingGpuDevice: boolean }).isUsingGpuDevice;
