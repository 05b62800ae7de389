import {
  computedScalar,
  computedTensor,
  customGradient,
  readNumbers,
  runsOnHost,
  type Scalar,
  stopGradient,
  type Tensor,
  tf,
} from '@svo/tensor';
import { runOnDevice } from './device.ts';
import { differentiate } from './differentiate.ts';
import { type Program, programOf } from './host/program.ts';
import { type SharedParts, withSharedParts } from './shared.ts';
import type { Term } from './term.ts';

/** A formula with its gradients, ready to run anywhere, for any sizes. */
export interface Formula {
  /** The inputs that receive gradient. */
  readonly trained: readonly string[];
  /** The value, then a gradient for each of `trained`. */
  readonly parts: SharedParts;
  readonly program: Program;
}

/** What a formula is run on. */
export interface FormulaInputs {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, number>>;
}

/** Differentiates a value once, and compiles both. */
export function formulaOf(value: Term): Formula {
  const gradients = value.shape === '' ? differentiate(value) : new Map<string, Term>();
  const parts = withSharedParts([value, ...gradients.values()]);
  return { trained: [...gradients.keys()], parts, program: programOf(parts) };
}

/**
 * A formula's value as one differentiable operation. On cpu, wasm and tensorflow it runs in float64 on plain arrays, on a GPU as tensor
 * operations (`runsOnHost`). First order only: the gradient is a number, not a function to be differentiated again.
 */
export function differentiable(formula: Formula, inputs: FormulaInputs): Scalar {
  const { trained, program } = formula;
  const live = trained.map((name) => inputs.tensors[name]!);
  if (runsOnHost())
    return computedScalar(live, (recording) => {
      const [value, ...gradients] = program.run(onHost(inputs), recording ? 1 + trained.length : 1);
      return { value: value![0]!, gradients };
    });
  // An empty batch never reaches a kernel: some sum nothing to what happened to be in memory.
  if (live.every(({ size }) => size === 0)) return nothing(live);
  return customGradient(live, (_, save) => {
    const [value, ...gradients] = runOnDevice(formula.parts, onDevice(inputs));
    save(gradients);
    return { value: value!, gradFunc: (dy, saved) => saved.map((partial) => tf.mul(partial, dy)) };
  }) as Scalar;
}

/** A formula's value alone, as data: nothing carries gradient. `shape` is the result's. */
export function evaluated({ parts, program }: Formula, inputs: FormulaInputs, shape: readonly number[]): Tensor {
  if (runsOnHost()) return computedTensor(shape, () => program.run(onHost(inputs), 1)[0]!);
  if (shape.includes(0)) return tf.zeros([...shape]);
  return tf.tidy(() => runOnDevice({ order: parts.order, roots: [parts.roots[0]!] }, onDevice(inputs))[0]!);
}

const onHost = ({ tensors, sizes, options }: FormulaInputs) => ({
  sizes,
  options,
  numbers: (name: string) => readNumbers(tensors[name]!),
});

const onDevice = ({ tensors, sizes, options }: FormulaInputs) => ({
  sizes,
  options,
  inputs: Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, asData(tensor)])),
});

/** Detached and float32, so that what is computed from it has no way back but the formula's own. */
const asData = (tensor: Tensor): Tensor =>
  stopGradient(tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32'));

/** 0, with nothing to give back. */
function nothing(inputs: readonly Tensor[]): Scalar {
  const zeros = (): Tensor[] => inputs.map((input) => tf.zeros(input.shape));
  return customGradient(inputs, () => ({ value: tf.scalar(0), gradFunc: zeros })) as Scalar;
}
