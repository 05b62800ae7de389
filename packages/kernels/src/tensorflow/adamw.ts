/** AdamW in place, through a variable of TensorFlow's own. */
import type { TensorflowSession } from '@svo/tensor';
import type { Attributes, Handles, Kernels } from '../registry.ts';
import { operations } from './operations.ts';

export function adamwKernel({ kernel }: TensorflowSession): Kernels<'SvoAdamwUpdate'> {
  return {
    /**
     * m ← β₁m + (1−β₁)g by plain operations. The rest is one pass of ResourceApplyAdam, told β₁ = 1, so that it leaves m
     * alone, and β₁ᵗ = β₂ᵗ = 0, so that the corrections are ours in double precision:
     * √v/√(1−β₂ᵗ) + ε = (√v + ε√(1−β₂ᵗ)) / √(1−β₂ᵗ).
     *
     * It computes v ← v + (g² − v)(1 − β₂) with 1 − β₂ taken in float32, which for 0.999 is off by 1.3e-5. The gradient is
     * scaled so that its share is the exact 1 − β₂; what decays is then torch's float32 β₂.
     */
    SvoAdamwUpdate: ({ param, gradient, first, second }: Handles, settings: Attributes) => {
      const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = settings as Record<
        string,
        number
      >;
      const float = (value: number) => [value, 'float32'] as const;
      kernel((ops) => {
        const { add, scale } = operations(ops);
        const g = ops.of(gradient!);
        const moment = add(scale(ops.of(first!), beta1!), scale(g, (1 - beta1!) * gradientScale!));
        const taken = 1 - Math.fround(beta2!);
        const scaled = scale(g, gradientScale! * Math.sqrt((1 - beta2!) / taken));
        const correction = Math.sqrt(1 - beta2! ** step!);
        const keep = 1 - learningRate! * weightDecay!;
        ops.asVariables([param!, first!, second!], ([p, m, v]) => {
          ops.runAll('AssignVariableOp', [m!, moment], 0);
          const numbers = [
            0,
            0,
            (learningRate! / (1 - beta1! ** step!)) * correction,
            1,
            beta2!,
            epsilon! * correction,
          ];
          const scalars = numbers.map((number) => ops.constant(...float(number)));
          if (keep !== 1)
            ops.runAll('AssignVariableOp', [p!, scale(ops.run('ReadVariableOp', [p!], { dtype: 'float32' }), keep)], 0);
          ops.runAll('ResourceApplyAdam', [p!, m!, v!, ...scalars, scaled], 0);
        });
        return [];
      });
      return [];
    },
  };
}
