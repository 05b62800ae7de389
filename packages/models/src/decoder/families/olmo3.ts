/** OLMo 3: OLMo 2 where three layers of four see a window, and only the fourth's positions are stretched. */
import type { Family } from './family.ts';
import { layerKinds } from './layer-kinds.ts';
import { olmoTraits } from './olmo2.ts';

const theta = 500_000;

export const olmo3: Family = {
  className: 'Olmo3',
  defaults: { maxPositions: 2048, epsilon: 1e-5 },
  traits: (config, sizes, source) => ({
    ...olmoTraits(config),
    // A rope_theta beside the other keys is read for the layers that see everything alone, as in transformers.
    ...layerKinds(config, sizes, source, 4, { full: config.rope_theta ?? theta, sliding: theta }),
  }),
};
