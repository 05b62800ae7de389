/** The main job on seeds 1 to 5, as the README and docs/study.md show it. */
import type { MainJobRun, Rights } from '../../main-job.ts';
import { table } from '../markdown.ts';

/** In how many runs step credits lead RFT and one credit for the response, and whether every base passed its gate. */
export interface MainJobCounts {
  readonly overRft: Rights;
  readonly overResponse: Rights;
  readonly gates: number;
}

export function countsOf(runs: readonly MainJobRun[]): MainJobCounts {
  const ahead = (other: string): Rights => ({
    greedy: runs.filter(({ draws }) => draws.dvo!.greedy > draws[other]!.greedy).length,
    sampled: runs.filter(({ draws }) => draws.dvo!.sampled > draws[other]!.sampled).length,
  });
  return {
    overRft: ahead('rft'),
    overResponse: ahead('dvoResponse'),
    gates: runs.filter(({ gate }) => gate.passed).length,
  };
}

export const mainJobTable = (runs: readonly MainJobRun[]): string =>
  table(
    ['`--seed`', 'gate: plain, merged', 'base', 'RFT', 'DVO, whole response', 'DVO, step by step'],
    runs.map(({ seed, of, gate, base, draws }) => {
      const share = (right: number): string => ((100 * right) / of).toFixed(1);
      const both = ({ greedy, sampled }: Rights): string => `${share(greedy)} / ${share(sampled)}`;
      return [
        String(seed),
        `${(100 * gate.plain).toFixed(1)}, ${(100 * gate.merged).toFixed(1)}`,
        ...[base, draws.rft!, draws.dvoResponse!, draws.dvo!].map(both),
      ];
    }),
  );
