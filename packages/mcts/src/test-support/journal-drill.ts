/** A search to interrupt: run as a program, it writes its journal slowly to the path it is given. Not exported. */
import { createRng, type Policy, splitRng } from '@svo/mdp';
import { maxIterations } from '../rules/stop.ts';
import { openJournal } from '../search/journal/journal.ts';
import { searchMany } from '../search/many/search-many.ts';
import type { SearchManyOptions } from '../search/search-options.ts';
import { drawCandidates, testRules } from './grow-tree.ts';

/** Six questions, three leaves each, in order. */
export const drill: Omit<SearchManyOptions, 'policy'> = {
  questions: Array.from({ length: 6 }, (_, i) => ({ id: `q${i}`, prompt: 'What is 2 + 3?' })),
  rules: { ...testRules, stop: maxIterations(24) },
  seed: 11,
  leaves: 3,
  trees: 4,
};

/** Answers from a request's seed alone, after a time that is the seed's too. */
export function drillPolicy(pause: number = 0): Policy {
  return {
    id: 'drill',
    propose: async ({ seed }) => {
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, (seed % 7) * pause));
      for (let tick = seed % 11; tick > 0; tick--) await Promise.resolve();
      return drawCandidates(splitRng(createRng(3), seed));
    },
  };
}

const path = process.argv[2];
if (path !== undefined && process.argv[1]?.endsWith('journal-drill.ts')) {
  const journal = openJournal(path);
  for await (const _record of searchMany({ ...drill, policy: drillPolicy(3), journal })) {
    // The journal is the point.
  }
  // Whoever kills it finds it alive, however late.
  setInterval(() => undefined, 1e6);
}
