/** tfjs's record of operations for differentiation. */
import { type Tensor, tf } from '../../tf.ts';

/** One operation as tfjs recorded it for differentiation. */
export interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  /** What the gradient needs of the forward pass: clones of the engine's own, freed by whoever walks the tape. */
  readonly saved: readonly Tensor[];
  readonly gradient?: (dys: readonly (Tensor | undefined)[]) => Readonly<Record<string, () => Tensor>>;
}

/**
 * Runs `f` and returns its value with the operations it recorded, in order. The caller frees the nodes' `saved`.
 * Undefined inside another recording, where the outer tape must see the operations.
 */
export function recordTape(
  f: () => Tensor,
): { readonly value: Tensor; readonly tape: readonly TapeNode[] } | undefined {
  const engine = tf.engine() as unknown as {
    readonly state: { gradientDepth: number; activeTape: TapeNode[] | null };
    startTape(): void;
    endTape(): void;
    tidy(name: string, run: () => Tensor): Tensor;
  };
  const { state } = engine;
  if (state.gradientDepth > 0) return undefined;
  // While tfjs walks a tape of its own, a recording within it must leave that one in its place.
  const before = state.activeTape;
  engine.startTape();
  try {
    const value = engine.tidy('forward', f);
    return { value, tape: state.activeTape! };
  } catch (error) {
    for (const node of state.activeTape!) tf.dispose([...node.saved]);
    throw error;
  } finally {
    engine.endTape();
    state.activeTape = before;
  }
}

interface RecordingEngine {
  readonly state: { readonly gradientDepth: number; readonly activeTape: readonly { saved: Tensor[] }[] | null };
  keep(tensor: Tensor): Tensor;
}

/**
 * Is a gradient being recorded, so that a backward pass may follow?
 *
 * @example
 * ```ts
 * import { isRecording } from '@svo/tensor';
 * isRecording(); // => false
 * ```
 */
export function isRecording(): boolean {
  return (tf.engine() as unknown as RecordingEngine).state.gradientDepth > 0;
}

/**
 * Gives tensors to the operation recorded last: its gradient function finds them in `saved`, and whoever walks the tape frees them.
 * What tfjs's own `save` does, without its copy.
 */
export function saveOnTape(tensors: readonly Tensor[]): void {
  const engine = tf.engine() as unknown as RecordingEngine;
  engine.state.activeTape!.at(-1)!.saved.push(...tensors.map((tensor) => engine.keep(tensor)));
}

/** Runs `f` as if no gradient were being recorded. */
export function offTape<T>(f: () => T): T {
  const { state } = tf.engine() as unknown as { readonly state: { gradientDepth: number } };
  const depth = state.gradientDepth;
  state.gradientDepth = 0;
  try {
    return f();
  } finally {
    state.gradientDepth = depth;
  }
}

/** The inputs whose gradients the walk is asking for, by name; undefined where tfjs's own walk asks. */
let asked: ReadonlySet<string> | undefined;

/** A node's gradients, told that only those of `names` will be read. */
export function gradientsOf(
  node: TapeNode,
  dys: readonly (Tensor | undefined)[],
  names: readonly string[],
): Readonly<Record<string, () => Tensor>> {
  const before = asked;
  asked = new Set(names);
  try {
    return node.gradient!(dys);
  } finally {
    asked = before;
  }
}

/** The forward half of an operation and its way back, as `customGradient` describes them. */
export interface RecordedOperation {
  readonly value: Tensor;
  readonly gradFunc: (dy: Tensor, saved: Tensor[], wanted: readonly boolean[]) => readonly (Tensor | undefined)[];
}

/** One operation on the tape, as tfjs's `customGrad` makes them, whose way back learns which gradients anybody wants. */
export function recordOperation(
  inputs: readonly Tensor[],
  forward: (inputs: Tensor[], save: (tensors: Tensor[]) => void) => RecordedOperation,
): Tensor {
  const engine = tf.engine() as unknown as {
    runKernelFunc(operation: {
      readonly inputs: Readonly<Record<string, Tensor>>;
      readonly forwardFunc: (backend: unknown, save: (tensors: Tensor[]) => void) => Tensor;
      readonly backwardsFunc: (dy: Tensor, saved: Tensor[]) => Record<string, () => Tensor>;
    }): Tensor;
  };
  let back: RecordedOperation['gradFunc'];
  return engine.runKernelFunc({
    inputs: Object.fromEntries(inputs.entries()),
    forwardFunc(_, save) {
      const { value, gradFunc } = forward([...inputs], save);
      back = gradFunc;
      return value;
    },
    backwardsFunc(dy, saved) {
      const wanted = inputs.map((_, i) => asked?.has(String(i)) ?? true);
      const gradients = back(dy, saved, wanted);
      const named = inputs.map((_, i) => [String(i), () => given(gradients[i], i)]);
      return Object.fromEntries(named) as Record<string, () => Tensor>;
    },
  });
}

function given(gradient: Tensor | undefined, input: number): Tensor {
  if (gradient) return gradient;
  throw new Error(`customGradient: gradFunc gave no gradient for input ${input}, which was wanted`);
}
