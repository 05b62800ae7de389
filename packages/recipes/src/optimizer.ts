import { adamw, chain, clipByGlobalNorm, cosine, type Optimizer, type Schedule, warmup } from '@svo/train';
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
export function planOptimizer(settings: Pick<Settings, 'learningRate' | 'updates'>): Optimizer {
  return chain(clipByGlobalNorm(1), adamw({ learningRate: planRate(settings), beta2: 0.98, weightDecay: 0 }));
}

/**
 * The rate of {@link planOptimizer} by itself: up to `learningRate` over the first ten updates, then down as a cosine to a tenth of it. For a
 * model whose optimizer is elsewhere (`tinkerStep` of `@svo/tinker`).
 *
 * @example
 * ```ts
 * import { planRate } from '@svo/recipes';
 * const rate = planRate({ learningRate: 1, updates: 100 });
 * [rate(0) < rate(9), rate(100)]; // => [true, 0.1]
 * ```
 */
export function planRate({ learningRate, updates }: Pick<Settings, 'learningRate' | 'updates'>): Schedule {
  return warmup(Math.min(10, updates), cosine({ from: learningRate, to: learningRate / 10, steps: updates }));
}
