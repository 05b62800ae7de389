import { showAccuracy } from '@svo/recipes';
import type { Score } from './evaluation.ts';

/** A score in a line, with what should be known of it. */
export function showScore(score: Score): string {
  const notes = (['undecided', 'cut', 'lost'] as const)
    .filter((name) => score[name] > 0)
    .map((name) => `${score[name]} ${name}`);
  const beside = notes.length > 0 ? `; ${notes.join(', ')}` : '';
  return `${showAccuracy(score)} of ${score.responses} responses to ${score.questions} questions${beside}`;
}
