/**
 * Sorting by swaps: a swap a line, one line less than there are digits, which is always enough. Those who wrote the solutions put the right digit into the first
 * place that is wrong, or, six times in ten, swap the first two neighbours that stand the wrong way round.
 *
 *     326154?
 *
 *     126354⏎⏎ 123654⏎⏎ 123456⏎⏎ Final Answer: 123456        every digit to its place
 *     236154⏎⏎ 231654⏎⏎ 213654⏎⏎ 123654⏎⏎ 123564⏎⏎ Final Answer: 123564        neighbours alone
 *
 * No swap is wrong by itself, and whoever swaps neighbours too often runs out of lines. `svo … --task ./task.ts` takes it as well.
 */
import { blankLineFormat, integer, type Question, type Rng, uniform } from '@svo/mdp';
import type { SupervisedText } from '@svo/recipes';
import type { Task } from '@svo/recipes/tasks';

/** How often a writer swaps neighbours. */
const near = 0.6;

/** A list of so many digits, no two of them the same. */
export function drawList(rng: Rng, places = 6): [string, Rng] {
  const left = [...'123456789'];
  let [list, stream] = ['', rng];
  while (list.length < places) {
    const [at, next] = integer(stream, left.length);
    list += left.splice(at, 1)[0]!;
    stream = next;
  }
  return [list, stream];
}

/** A list sorted as a writer would, in the lines there are. */
export function worked(list: string, rng: Rng): SupervisedText {
  const steps: string[] = [];
  let [now, stream] = [list, rng];
  while (steps.length < list.length - 1 && now !== sorted(now)) {
    const [coin, next] = uniform(stream);
    now = coin < near ? neighbours(now) : home(now);
    steps.push(`${now}\n\n`);
    stream = next;
  }
  return { prompt: `${list}?\n\n`, steps: [...steps, `Final Answer: ${now}`] };
}

/** The first two neighbours that stand the wrong way round. */
function neighbours(list: string): string {
  const at = [...list].findIndex((digit, i) => digit > (list[i + 1] ?? '9'));
  return swapped(list, at, at + 1);
}

/** The first digit that is out of place gives way to the one that belongs there. */
function home(list: string): string {
  const end = sorted(list);
  const at = [...list].findIndex((digit, i) => digit !== end[i]);
  return swapped(list, at, list.indexOf(end[at]!));
}

function swapped(list: string, i: number, j: number): string {
  const digits = [...list];
  [digits[i], digits[j]] = [digits[j]!, digits[i]!];
  return digits.join('');
}

const sorted = (list: string): string => [...list].toSorted().join('');

/** Every line is the one before it with two digits swapped, there are no more of them than allowed, and the last is sorted and the answer. */
function isSorted({ prompt }: Question, response: string): boolean {
  const steps = blankLineFormat.split(response).map((step) => step.trim());
  const path = [prompt.split('?')[0]!, ...steps.slice(0, -1)];
  const last = path.at(-1)!;
  const swaps = path.slice(1).every((line, i) => isSwap(path[i]!, line));
  return swaps && path.length <= last.length && last === sorted(last) && blankLineFormat.answer(response) === last;
}

const isSwap = (before: string, after: string): boolean =>
  [...before].filter((digit, i) => digit !== after[i]).length === 2 && sorted(before) === sorted(after);

export const sorting: Task = {
  name: 'sorting',
  read: ({ list }) => {
    if (typeof list !== 'string' || !/^[1-9]{2,9}$/.test(list))
      throw new RangeError(`list must be two to nine digits, got ${JSON.stringify(list)}`);
    return { prompt: `${list}?`, answer: sorted(list) };
  },
  template: '{question}\n\n',
  format: blankLineFormat,
  verifier: Object.assign(
    (question: Question, response: string) => ({ equivalent: isSorted(question, response), how: 'swaps' }),
    { id: 'sorted by swaps' },
  ),
};
export default sorting;
