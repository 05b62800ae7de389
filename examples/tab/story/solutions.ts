/** A wrong solution and a right one of the same question, where the credits show best which step was at fault. */
import { drawnTrajectories, type Tree } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import { stepKinds } from '../../../main/src/tasks/skipped-steps.ts';
import type { StepKind } from '../../../main/src/tasks/task.ts';

/** One step with DVO's credit c = r + V(s′) − V(s). */
export interface CreditedStep {
  readonly text: string;
  readonly credit: number;
  readonly kind: StepKind['kind'] | 'answer';
  readonly right: boolean;
}

export interface CreditedSolution {
  readonly prompt: string;
  readonly right: boolean;
  readonly steps: readonly CreditedStep[];
}

/** The pair whose wrong solution lost most at a skipped step; none where no question has both. */
export function clearestPair(trees: readonly Tree[]): readonly CreditedSolution[] {
  const pairs = trees.flatMap((tree) => {
    const all = drawnTrajectories(tree);
    const of = (sign: number): ValuedTrajectory[] => all.filter(({ reward }) => Math.sign(reward) === sign);
    const [wrong, right] = [best(of(-1), lostByMerging), best(of(1), plainness)];
    return wrong && right ? [{ wrong, right, clarity: lostByMerging(wrong) + plainness(right) }] : [];
  });
  const clearest = best(pairs, ({ clarity }) => clarity);
  return clearest === undefined ? [] : [credited(clearest.wrong), credited(clearest.right)];
}

/** How much the worst step lost beyond all others, where that step is merged and wrong. */
function lostByMerging(trajectory: ValuedTrajectory): number {
  const { steps } = credited(trajectory);
  const worst = best(steps, ({ credit }) => -credit);
  if (worst?.kind !== 'merged' || worst.right || steps.length < 3) return 0;
  return steps.reduce((sum, step) => sum - (step === worst ? step.credit : Math.abs(step.credit)), 0);
}

/** A solution without a merged step shows what could have been done; the better, the less any step of it lost. */
function plainness(trajectory: ValuedTrajectory): number {
  const { steps } = credited(trajectory);
  const merged = steps.filter(({ kind }) => kind !== 'plain' && kind !== 'answer').length;
  return Math.min(0, ...steps.map(({ credit }) => credit)) - merged;
}

function credited({ prompt, reward, steps, credits }: ValuedTrajectory): CreditedSolution {
  const kinds = stepKinds({ prompt }, steps);
  return {
    prompt: prompt.trim(),
    right: reward > 0,
    steps: steps.map((text, i) => {
      const told = kinds[i];
      return {
        text: text.trim(),
        credit: credits[i]!,
        kind: text.startsWith('Final Answer:') ? 'answer' : (told?.kind ?? 'other'),
        right: text.startsWith('Final Answer:') ? reward > 0 : (told?.right ?? false),
      };
    }),
  };
}

/** The first of those with the largest number. */
function best<T>(all: readonly T[], of: (one: T) => number): T | undefined {
  let found: T | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const one of all) {
    const value = of(one);
    if (value <= most) continue;
    found = one;
    most = value;
  }
  return found;
}
