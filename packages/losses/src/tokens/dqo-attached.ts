import { type Arithmetic, closedForm, evaluate, type Scalar, type Tensor, tf } from '@svo/tensor';
import type { DqoPolicyOptions } from './dqo.ts';
import { trajectories } from './dqo-returns.ts';
import type { TokenTensors } from './token-inputs.ts';

/** δ_t, and w·δ_t over the mean's divisor; 0 in masked slots. */
export function policyResidual<A>(
  math: Arithmetic<A>,
  x: Readonly<Record<keyof TokenTensors, A>>,
  options: DqoPolicyOptions,
): { readonly residual: A; readonly weighted: A } {
  const { own, returns, following, weights } = trajectories(math, x, options);
  const target = (options.policyTarget ?? 'literal') === 'literal' ? math.add(own, following) : returns;
  const residual = math.difference(x.mask, x.values, target);
  return { residual, weighted: math.mul(residual, weights) };
}

/**
 * DQO's policy loss with gradient into what follows a token, into the values, or into both. A residual then reaches every later
 * token: what a token receives is a sum over those before it, where all other recurrences here run over those after it.
 */
export function attachedPolicyLoss(tensors: TokenTensors, options: DqoPolicyOptions): Scalar {
  const { beta = 0.03, lambda = 1, policyTarget = 'literal', detachFuture = true, detachValues = true } = options;
  const literal = policyTarget === 'literal';
  const trained = detachValues ? (['policyLogps'] as const) : (['policyLogps', 'values'] as const);
  return tf.tidy(() => {
    const [earlier, earlierRest] = detachFuture
      ? [tf.zerosLike(tensors.mask), tf.zerosLike(tensors.mask)]
      : fromEarlier(tensors, options, lambda);
    return closedForm({ ...tensors, earlier, earlierRest }, [...trained], (math, x) => {
      const { residual, weighted } = policyResidual(math, x, options);
      const gradients = () => {
        const own = math.mul(2, weighted);
        const before = math.add(x.earlier, x.earlierRest);
        const throughReturns = literal ? before : math.mul(lambda, before);
        const throughValues = literal ? math.previousValid(x.mask, before) : before;
        return {
          policyLogps: math.mul(beta, math.add(own, throughReturns)),
          values: math.sub(own, math.mul(1 - lambda, throughValues)),
        };
      };
      return { value: math.dot(weighted, residual), gradients };
    });
  });
}

/** Σ_{k<t} λ^{t−k−1}·2wδ_k over valid slots: the return of the slopes read backwards. */
function fromEarlier(tensors: TokenTensors, options: DqoPolicyOptions, lambda: number): TwoFloats {
  if (tensors.mask.size === 0) return [tf.zerosLike(tensors.mask), tf.zerosLike(tensors.mask)];
  const slopes = inTwoFloats(tensors, (math, x) => math.mul(2, policyResidual(math, x, options).weighted));
  const [mask, slope, rest] = [tensors.mask, ...slopes].map((tensor) => tf.reverse(tensor, 1));
  const sums = inTwoFloats({ mask, slope, rest }, (math, x) =>
    math.nextValid(x.mask, math.returns(x.mask, math.add(x.slope, x.rest), lambda)),
  );
  return [tf.reverse(sums[0], 1), tf.reverse(sums[1], 1)];
}

/** A float64 result as the float32 next to it and the rest: residuals of 1e5 cancel to 1 without losing the 1. */
type TwoFloats = readonly [nearest: Tensor, rest: Tensor];

function inTwoFloats<K extends string>(
  inputs: Readonly<Record<K | 'mask', Tensor>>,
  formula: <A>(math: Arithmetic<A>, x: Readonly<Record<K | 'mask', A>>) => A,
): TwoFloats {
  const { shape } = inputs.mask;
  const nearest = evaluate(inputs, shape, formula);
  const all: Readonly<Record<K | 'mask' | 'nearest', Tensor>> = { ...inputs, nearest };
  return [nearest, evaluate(all, shape, (math, x) => math.sub(formula(math, x), x.nearest))];
}
