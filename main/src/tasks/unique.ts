import { type Rng, splitRng } from '@svo/mdp';
import type { Worked } from './worked.ts';

/** Draws splits of worked questions, none with a prompt that an earlier one has: no test question is ever trained on. */
export function uniqueSplits(
  rng: Rng,
  draw: (rng: Rng, id: string) => Worked,
  sizes: Readonly<Record<string, number>>,
): Record<string, Worked[]> {
  const seen = new Set<string>();
  const splitOf = (split: string, size: number): Worked[] => {
    const drawn: Worked[] = [];
    for (let i = 0; drawn.length < size; i++) {
      if (i > 100 * size + 1000)
        throw new RangeError(`uniqueSplits: ${split} must have ${size} different questions, found ${drawn.length}`);
      const worked = draw(splitRng(splitRng(rng, split), i), `${split}-${drawn.length}`);
      if (seen.has(worked.question.prompt)) continue;
      seen.add(worked.question.prompt);
      drawn.push(worked);
    }
    return drawn;
  };
  return Object.fromEntries(Object.entries(sizes).map(([split, size]) => [split, splitOf(split, size)]));
}
