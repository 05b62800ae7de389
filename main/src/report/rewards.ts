import type { RewardPoint } from '@svo/report';
import type { MetricLine } from '../shell/metrics.ts';

/** The implicit rewards that the stages of a lane logged, in order, one point an update. */
export function rewardPoints(lines: readonly MetricLine[], stages: readonly string[]): RewardPoint[] {
  return stages
    .flatMap((stage, i) =>
      lines.flatMap((line) => {
        const { 'rewards/chosen': chosen, 'rewards/rejected': rejected } = line;
        const logged = line.stage === stage && typeof chosen === 'number' && typeof rejected === 'number';
        return logged ? [{ round: i + 1, chosen, rejected }] : [];
      }),
    )
    .map((point, i) => ({ update: i + 1, ...point }));
}
