/** Adapters and the settings they are used with must be of one rank: α / r of another rank would scale every product wrongly. */
import type { Tensor } from '@svo/tensor';

/** @throws RangeError naming the adapter, its rank and the settings' */
export function checkAdapterRank(source: string, rank: number, name: string, down: Tensor): void {
  const [own] = down.shape;
  if (own === rank) return;
  throw new RangeError(
    `${source}: settings.rank must be the adapters', ${own} of ${name}.lora_A.weight, got ${rank} (α / r would be another's)`,
  );
}
