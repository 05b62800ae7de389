import type { Manifest } from '@svo/losses';
import type { Scalar, Tensor } from '@svo/tensor';

/** What every loss of `@svo/losses` has. */
export interface ManifestLoss {
  readonly manifest: Manifest;
}

/** A loss as who has read its manifest calls it. */
export type AnyLoss = ManifestLoss & ((inputs: never, options: object) => Scalar);

/** Of the inputs that are known, those that the loss takes. One that it needs and nobody knows it names itself, when it is called. */
export function takenBy({ manifest }: ManifestLoss, known: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.keys(manifest.inputs).flatMap((name) => (known[name] ? [[name, known[name]]] : [])));
}

/** Options of a loss: β where it has one, and what else was asked for. What it does not know it refuses itself. */
export function lossOptions({ manifest }: ManifestLoss, options: object, beta: number): object {
  return { ...('beta' in manifest.options && { beta }), ...options };
}
