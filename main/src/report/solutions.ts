import type { ValuedTrajectory } from '@svo/mdp';
import { creditedSolution } from '@svo/report';
import type { StepKind, Task } from '../tasks/task.ts';

/** How many questions are shown, each with a wrong solution and a right one. */
const shownQuestions = 3;

/** Wrong and right solutions of one question beside each other, where one step stands out most as the one at fault. */
export function solutions({ kinds }: Pick<Task, 'kinds'>, trajectories: readonly ValuedTrajectory[]): string {
  const groups = new Map<string, ValuedTrajectory[]>();
  for (const one of trajectories) groups.set(one.questionId, [...(groups.get(one.questionId) ?? []), one]);
  const pairs = [...groups.values()].flatMap((group) => {
    const wrong = clearest(
      group.filter(({ reward }) => reward < 0),
      (one) => fault(one, kinds),
    );
    const right = clearest(
      group.filter(({ reward }) => reward > 0),
      ({ credits }) => credits.length + Math.min(0, ...credits),
    );
    return right && wrong ? [{ right, wrong, clarity: fault(wrong, kinds) }] : [];
  });
  if (pairs.length === 0) return '<p>No question had both a right and a wrong solution.</p>';
  const shown = pairs
    .toSorted((a, b) => b.clarity - a.clarity)
    .slice(0, shownQuestions)
    .flatMap(({ wrong, right }) => [wrong, right])
    .map((trajectory) => credited(trajectory, kinds));
  return `<div class="wide solutions">${shown.join('')}</div>`;
}

function credited(
  { questionId, prompt, reward, steps, credits, values }: ValuedTrajectory,
  kinds: Task['kinds'],
): string {
  const told = kinds?.({ id: questionId, prompt }, steps) ?? [];
  return creditedSolution({
    prompt,
    right: reward > 0,
    steps: steps.map((text, i) => ({ text, credit: credits[i]!, value: values[i]!, ...noteOf(told[i]) })),
  });
}

const noteOf = (kind: StepKind | undefined): { note?: string } =>
  kind === undefined ? {} : { note: `${kind.kind}, ${kind.right ? 'right' : 'wrong'}` };

/**
 * How much a wrong solution teaches: what its worst step lost. Where the task can tell kinds of steps, the worst step must
 * be one that is merged and wrong; a slip of another kind is a story of its own.
 */
function fault({ questionId, prompt, steps, credits }: ValuedTrajectory, kinds: Task['kinds']): number {
  const worst = credits.indexOf(Math.min(...credits));
  const told = kinds?.({ id: questionId, prompt }, steps)[worst];
  const atFault = kinds === undefined || (told?.kind === 'merged' && !told.right);
  return atFault && steps.length > 2 ? -credits[worst]! : 0;
}

const clearest = (
  group: readonly ValuedTrajectory[],
  clarity: (one: ValuedTrajectory) => number,
): ValuedTrajectory | undefined => group.toSorted((a, b) => clarity(b) - clarity(a))[0];
