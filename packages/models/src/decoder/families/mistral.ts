/** Mistral: every layer sees a window. */
import { everywhere, type Family } from './family.ts';

export const mistral: Family = {
  className: 'Mistral',
  defaults: { maxPositions: 131_072, keyValueHeads: 8 },
  traits: ({ sliding_window: window = 4096 }, { layers }) => ({ windows: everywhere(layers, window ?? undefined) }),
};
