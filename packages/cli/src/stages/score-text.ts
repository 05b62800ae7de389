import type { Accuracy } from '@svo/recipes';
import type { Score } from './evaluation.ts';

/** An accuracy as people read it: `52.3 % (47.9 to 56.6)`. */
export function showAccuracy({ accuracy, low, high }: Accuracy): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  return `${percent(accuracy)} % (${percent(low)} to ${percent(high)})`;
}

/** A score in a line, with what should be known of it. */
export function showScore(score: Score): string {
  const notes = (['undecided', 'cut', 'lost'] as const)
    .filter((name) => score[name] > 0)
    .map((name) => `${score[name]} ${name}`);
  const beside = notes.length > 0 ? `; ${notes.join(', ')}` : '';
  return `${showAccuracy(score)} of ${score.responses} responses to ${score.questions} questions${beside}`;
}
