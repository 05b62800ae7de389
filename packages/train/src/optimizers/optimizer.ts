import type { Params, Slots } from '../types.ts';

/** What flows through the links of a chain. */
export interface Update {
  /** Gradients by name. A parameter without one is left as it is: no step, no decay, no moments, as in torch. */
  readonly gradients: Params;
  /** They count as so many times themselves (1 by default): clipping and schedules need no scaled copy of them all. */
  readonly gradientScale?: number | undefined;
  /** ‖gradientScale · gradients‖₂ when it is known on the host; a link that changes the gradients adjusts or drops it. */
  readonly gradientNorm?: number | undefined;
  readonly params: Params;
  readonly state: Slots;
  /** Updates made before this one: 0 at the first. */
  readonly step: number;
}

/** What a link hands to the next one. */
export interface Updated {
  readonly gradients: Params;
  readonly gradientScale?: number | undefined;
  readonly gradientNorm?: number | undefined;
  readonly params: Params;
  readonly state: Slots;
  readonly metrics?: Readonly<Record<string, number>>;
}

/**
 * A pair of functions, and a name for its state (the shape of optax's `GradientTransformation`, deepmind/optax, with
 * parameters in and out, so that a fused kernel may update them in place). `update` runs inside a `tidy`: it makes tensors
 * freely and frees none. What is neither in its result nor given to it is freed for it; what it replaced, the step frees.
 */
export interface Optimizer {
  readonly name: string;
  readonly init: (params: Params) => Slots;
  readonly update: (update: Update) => Updated;
}

/**
 * Runs links one after another, each seeing what the one before it made of gradients and parameters. Each link's state is
 * kept under its name, so a checkpoint outlives a link added or moved. The last link applies the update (`adamw`, `sgd`).
 * @throws RangeError when two links have one name.
 * @example
 * ```ts
 * import { adamw, chain, clipByGlobalNorm } from '@svo/train';
 * chain(clipByGlobalNorm(1), adamw({ learningRate: 3e-4 })).name; // => 'clipByGlobalNorm, adamw'
 * ```
 */
export function chain(...links: readonly Optimizer[]): Optimizer {
  const names = links.map((link) => link.name);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated)
    throw new RangeError(
      `chain: links must have different names, got ${repeated} twice (spread one: { ...link, name: '…' })`,
    );
  return {
    name: names.join(', '),
    init: (params) => Object.fromEntries(links.map((link) => [link.name, link.init(params)])),
    update: ({ step, state, ...start }) => {
      let flow: Omit<Updated, 'state'> = { ...start, metrics: {} };
      const states: [string, Slots][] = [];
      for (const link of links) {
        const { gradients, gradientScale, gradientNorm, params } = flow;
        const updated = link.update({
          gradients,
          gradientScale,
          gradientNorm,
          params,
          step,
          state: (state[link.name] ?? link.init(params)) as Slots,
        });
        states.push([link.name, updated.state]);
        flow = { ...updated, metrics: { ...flow.metrics, ...updated.metrics } };
      }
      return { ...flow, state: Object.fromEntries(states) };
    },
  };
}
