import type { Candidate, ProposeRequest } from '@svo/mdp';
import { type Asked, answerMany, untilAborted } from '../search/ask/answer.ts';
import { isLostAnswer } from '../search/tell/faults.ts';
import { spentOn } from '../search/tell/tell.ts';
import { addTo, type Usage } from '../tree/tree.ts';

/** How often a request is sent before its draws are given up: the policy's own retries come before each. */
const MOST_ASKS = 3;

/**
 * The candidates for each request. An answer all of whose draws were lost is asked for again, with the seed it had; what was
 * spent, in vain or not, is added to `cost`.
 */
export async function draw(
  asked: Asked,
  requests: readonly ProposeRequest[],
  cost: Usage,
): Promise<readonly (readonly Candidate[])[]> {
  const drawn: (readonly Candidate[])[] = new Array(requests.length);
  let missing = requests.map((_, row) => row);
  for (let times = 0; times < MOST_ASKS && missing.length > 0; times++) {
    const again = missing.map((row) => requests[row]!);
    const answers = await untilAborted(answerMany(asked, again), asked.signal);
    missing.forEach((row, at) => {
      drawn[row] = answers[at]!.candidates;
      addTo(cost, spentOn(drawn[row]!));
    });
    missing = missing.filter((row) => isLostAnswer(drawn[row]!));
  }
  return drawn;
}
