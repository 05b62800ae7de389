import { gradientsOf, recordTape, type TapeNode } from '../backend/internals.ts';
import { type Tensor, tf } from '../tf.ts';

/** A value and its gradients, in the order of the inputs; undefined for an input the value does not depend on. */
export interface ValueAndGradients {
  readonly value: Tensor;
  readonly gradients: readonly (Tensor | undefined)[];
}

/**
 * Value of `f` and its gradients with respect to `xs`, by reverse mode over tfjs's tape. The walk frees each activation and
 * each intermediate gradient as soon as nothing ahead needs it, where tfjs keeps all of them to the end: about half the
 * memory at the peak. Sums are taken in tfjs's order, so the numbers are the same to the last bit.
 * The caller owns what is returned.
 *
 * @param f - takes no arguments: it uses the very tensors in `xs`
 * @param dy - the gradient that arrives at the value, of its shape; ones by default
 * @throws Error when an operation on the way has no gradient
 * @example
 * ```ts
 * import { reverseMode, tf } from '@svo/tensor';
 * const x = tf.scalar(3);
 * const { value, gradients } = reverseMode(() => tf.mul(x, x), [x]);
 * [value.dataSync()[0], gradients[0]!.dataSync()[0]]; // => [9, 6]
 * ```
 */
export function reverseMode(f: () => Tensor, xs: readonly Tensor[], dy?: Tensor): ValueAndGradients {
  return tf.tidy(() => {
    const recorded = recordTape(f);
    // Inside another gradient the operations belong to the outer tape: tfjs's own walk leaves them there.
    if (!recorded) return tfjsGradients(f, xs, dy) as never;
    try {
      return walkBack(recorded.tape, recorded.value, xs, dy) as never;
    } finally {
      // The walk frees what each operation kept as it passes; one that broke off has not passed all of them.
      for (const node of recorded.tape) tf.dispose([...node.saved]);
    }
  }) as ValueAndGradients;
}

function tfjsGradients(f: () => Tensor, xs: readonly Tensor[], dy?: Tensor): ValueAndGradients {
  const { value, grads } = tf.engine().gradients(f, [...xs], dy, true);
  return { value, gradients: grads };
}

function walkBack(tape: readonly TapeNode[], value: Tensor, xs: readonly Tensor[], dy?: Tensor): ValueAndGradients {
  const reached = reachedFrom(xs, tape);
  const wanted = new Set(xs.map((x) => x.id));
  const gradients = ledger();
  gradients.add(value.id, dy ? tf.clone(dy) : tf.onesLike(value));
  for (const node of tape.toReversed()) {
    const dys = node.outputs.map(({ id }) => gradients.get(id));
    const names = dys.some(Boolean)
      ? Object.keys(node.inputs).filter((name) => reached.has(node.inputs[name]!.id))
      : [];
    if (names.length > 0)
      for (const [i, dx] of inputGradients(node, names, dys).entries()) gradients.add(node.inputs[names[i]!]!.id, dx);
    // Everything that used these outputs has been passed: their gradients, and what the node kept, are done with.
    tf.dispose([...node.saved]);
    for (const { id } of node.outputs) if (!wanted.has(id)) gradients.release(id);
  }
  return { value, gradients: xs.map((x) => gradients.get(x.id)) };
}

function inputGradients(node: TapeNode, names: readonly string[], dys: readonly (Tensor | undefined)[]): Tensor[] {
  if (!node.gradient)
    throw new Error(`reverseMode: the operation ${node.kernelName} has no gradient (detach its input, or use another)`);
  return tf.tidy(() => {
    const lazily = gradientsOf(node, dys, names);
    return names.map((name) => {
      const dx = lazily[name]!();
      if (!tf.util.arraysEqual(dx.shape, node.inputs[name]!.shape))
        throw new Error(
          `reverseMode: the gradient of ${node.kernelName} for ${name} must have its shape [${node.inputs[name]!.shape}], got [${dx.shape}]`,
        );
      return dx;
    });
  });
}

/** Ids of all tensors computed from `xs`, themselves included. */
function reachedFrom(xs: readonly Tensor[], tape: readonly TapeNode[]): ReadonlySet<number> {
  const reached = new Set(xs.map((x) => x.id));
  for (const node of tape)
    if (Object.values(node.inputs).some(({ id }) => reached.has(id)))
      for (const { id } of node.outputs) reached.add(id);
  return reached;
}

/** Gradients by tensor id. One tensor may be the gradient of several (a sum hands its own on), so uses are counted. */
function ledger(): {
  readonly get: (id: number) => Tensor | undefined;
  readonly add: (id: number, gradient: Tensor) => void;
  readonly release: (id: number) => void;
} {
  const byId = new Map<number, Tensor>();
  const uses = new Map<Tensor, number>();
  const drop = (gradient: Tensor): void => {
    const left = (uses.get(gradient) ?? 0) - 1;
    if (left > 0) uses.set(gradient, left);
    else {
      uses.delete(gradient);
      gradient.dispose();
    }
  };
  const put = (id: number, gradient: Tensor): void => {
    byId.set(id, gradient);
    uses.set(gradient, (uses.get(gradient) ?? 0) + 1);
  };
  return {
    get: (id) => byId.get(id),
    add(id, gradient) {
      const before = byId.get(id);
      if (!before) return put(id, gradient);
      const sum = tf.add(before, gradient);
      drop(before);
      if (!uses.has(gradient)) gradient.dispose();
      put(id, sum);
    },
    release(id) {
      const gradient = byId.get(id);
      if (!gradient) return;
      byId.delete(id);
      drop(gradient);
    },
  };
}
