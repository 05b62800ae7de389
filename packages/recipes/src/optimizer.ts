import { adamw, chain, clipByGlobalNorm, cosine, type Optimizer, warmup } from '@svo/train';
import type { Settings } from './plan.ts';

/**
 * AdamW with the gradient clipped to norm 1; the rate rises over the first ten updates and falls as a cosine to a tenth.
 *
 * @example
 * ```ts
 * import { defaultSettings, planOptimizer } from '@svo/recipes';
 * typeof planOptimizer(defaultSettings.dvo).update; // => 'function'
 * ```
 */
export function planOptimizer({ learningRate, updates }: Pick<Settings, 'learningRate' | 'updates'>): Optimizer {
  const rate = warmup(Math.min(10, updates), cosine({ from: learningRate, to: learningRate / 10, steps: updates }));
  return chain(clipByGlobalNorm(1), adamw({ learningRate: rate, beta2: 0.98, weightDecay: 0 }));
}
