/** First chapter: from nothing to a base that does plain steps right and skips steps as its teachers did. */
import type { Params } from '@svo/models';
import { initialTrainState, train, trainStep } from '@svo/train';
import { baseOptimizer, basePlan, cooledRate, coolsFrom, lookThrough } from '../../../main/src/stages/base-course.ts';
import type { Desk } from '../../../main/src/stages/draw-responses.ts';
import type { Kept } from './kept.ts';
import { type PackedState, packState, unpackState } from './packed.ts';
import type { Scene } from './scenes.ts';

interface SavedBase {
  readonly state: PackedState;
  /** The update at which the rate began to fall. */
  readonly from: number | undefined;
  readonly over: boolean;
}

/** Updates between two points of the loss. */
const toldEvery = 5;

/** Trains the base as the main job does, to the same weights. */
export async function* learnBase(desk: Desk, kept: Kept, saveEvery: number): AsyncGenerator<Scene, Params> {
  const recipe = desk.task.base;
  const { gate } = recipe;
  if (gate === undefined) throw new RangeError(`learnBase: task ${desk.task.name} has no gate`);
  const saved = await kept.read<SavedBase>('base');
  let from = saved?.from;
  const optimizer = baseOptimizer(recipe, (step) => cooledRate(recipe, gate, step, from));
  let state = saved ? unpackState(saved.state) : initialTrainState(desk.learner.lm.init(desk.options.seed), optimizer);
  if (saved?.over) return state.params;
  yield { kind: 'chapter', chapter: 'base' };
  const plan = basePlan(desk);
  for await (const result of train(state, plan.batches(state.cursor), trainStep(plan.loss, optimizer))) {
    state = result.state;
    const { step, params } = state;
    const looked = step % gate.updatesBetweenChecks === 0 ? await lookThrough(desk, gate, params) : undefined;
    if (from === undefined && looked !== undefined && coolsFrom(recipe, gate, step, looked)) from = step;
    if (looked !== undefined || step % toldEvery === 0 || step === 1)
      yield { kind: 'learned', step, loss: result.report.loss, ...(looked && { shares: looked }) };
    const over = step === plan.updates || (from !== undefined && step >= from + gate.cooling);
    if (over || step % saveEvery === 0)
      await kept.write({ base: { state: await packState(state), from, over } satisfies SavedBase });
    if (over) break;
  }
  return state.params;
}
