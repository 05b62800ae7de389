/** Two objectives learn from the same draws, an update each in turn, so that both curves are seen to climb together. */
import { drawnTrajectories, type Tree } from '@svo/mcts';
import type { Question } from '@svo/mdp';
import type { Params } from '@svo/models';
import { dvoPlan, type Plan, planOptimizer, rftPlan } from '@svo/recipes';
import { copyParams, initialTrainState, type StepResult, type TrainState, train, trainStep } from '@svo/train';
import type { Desk } from '../../../main/src/stages/draw-responses.ts';
import type { Kept } from './kept.ts';
import { shareRight } from './measures.ts';
import { type PackedState, packState, unpackState } from './packed.ts';
import { type Lane, lanes, type Scene } from './scenes.ts';

type SavedLanes = Readonly<Record<Lane, PackedState>> & { readonly over: boolean };

/** Trains both as the main job does, to the same weights: its plans, its settings, its seed. */
export async function* climb(
  desk: Desk,
  kept: Kept,
  given: {
    readonly base: Params;
    readonly trees: readonly Tree[];
    readonly watched: readonly Question[];
    readonly watchEvery: number;
    readonly saveEvery: number;
  },
): AsyncGenerator<Scene, Readonly<Record<Lane, Params>>> {
  const { base, trees, watched, watchEvery, saveEvery } = given;
  const saved = await kept.read<SavedLanes>('lanes');
  const { settings } = desk.task;
  const states = Object.fromEntries(
    lanes.map((lane) => [
      lane,
      saved ? unpackState(saved[lane]) : initialTrainState(copyParams(base), planOptimizer(settings[lane])),
    ]),
  ) as Record<Lane, TrainState>;
  const paramsOf = () => ({ rft: states.rft.params, dvo: states.dvo.params });
  if (saved?.over) return paramsOf();
  yield { kind: 'chapter', chapter: 'lanes' };
  const plans = await plansOf(desk, base, trees);
  // Where there was nothing right to imitate, or too little to fill a batch, the weights stay what they were.
  const moving = lanes.filter((lane) => plans[lane].updates > states[lane].step);
  const runs = Object.fromEntries(
    moving.map((lane) => [lane, runOf(desk, plans[lane], states[lane], lane)]),
  ) as Partial<Record<Lane, AsyncGenerator<StepResult>>>;
  const most = Math.max(...lanes.map((lane) => settings[lane].updates));
  if (saved === undefined) {
    const share = await shareRight(desk, base, watched);
    for (const lane of lanes) yield { kind: 'climbed', lane, step: 0, of: most, share };
  }
  for (let left = moving; ; ) {
    for (const lane of left) {
      const next = await runs[lane]!.next();
      if (next.done) throw new RangeError(`climb: ${lane} ended after ${states[lane].step} updates`);
      states[lane] = next.value.state;
      const { step, params } = states[lane];
      if (step % watchEvery === 0 || step === plans[lane].updates)
        yield { kind: 'climbed', lane, step, of: most, share: await shareRight(desk, params, watched) };
    }
    left = left.filter((lane) => states[lane].step < plans[lane].updates);
    const over = left.length === 0;
    if (over || states.dvo.step % saveEvery === 0) {
      const packed = { rft: await packState(states.rft), dvo: await packState(states.dvo), over };
      await kept.write({ lanes: packed satisfies SavedLanes });
    }
    if (over) return paramsOf();
  }
}

async function plansOf(
  { learner, task, options }: Desk,
  reference: Params,
  trees: readonly Tree[],
): Promise<Readonly<Record<Lane, Plan<object>>>> {
  const material = { learner, trees, trajectories: trees.flatMap((tree) => drawnTrajectories(tree)), reference };
  const { seed } = options;
  return {
    rft: rftPlan({ ...material, settings: task.settings.rft, seed }) as Plan<object>,
    dvo: (await dvoPlan({ ...material, settings: task.settings.dvo, seed })) as Plan<object>,
  };
}

function runOf({ task }: Desk, plan: Plan<object>, state: TrainState, lane: Lane): AsyncGenerator<StepResult> {
  return train(state, plan.batches(state.cursor), trainStep(plan.loss, planOptimizer(task.settings[lane])));
}
