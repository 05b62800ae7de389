/**
 * The main job as a story: scene after scene, for whoever asks for the next. It goes on from what was kept, and is the same
 * in Node and in a page: the same seed gives the numbers and the weights of `npm start`'s base and of its lanes from draws.
 */
import { type Params, pretrainedFiles } from '@svo/models';
import type { Desk } from '../../../main/src/stages/draw-responses.ts';
import { newLearner } from '../../../main/src/tasks/new-learner.ts';
import { learnBase } from './base.ts';
import { drawAll } from './draws.ts';
import type { Kept } from './kept.ts';
import { climb } from './lanes.ts';
import { scoreOf } from './measures.ts';
import type { Scene, Score, Who } from './scenes.ts';
import type { Setting } from './setting.ts';
import { taskOf } from './shortened-task.ts';
import { growTree, watchedQuestion } from './tree.ts';

/** A model folder's files by their names. */
export type ModelFolder = Readonly<Record<string, Uint8Array>>;

export async function* story(setting: Setting, kept: Kept): AsyncGenerator<Scene, void> {
  const task = taskOf(setting);
  const desk: Desk = { task, learner: newLearner(task), options: { seed: setting.seed } };
  const test = task.test.slice(0, setting.testQuestions);
  const { iterations, watchEvery, saveEvery } = setting;

  const base = yield* learnBase(desk, kept, saveEvery);
  const question = await watchedQuestion(desk, base, test);
  if (!(await kept.read('before'))) {
    yield* scored(desk, kept, 'base', base, test);
    yield { kind: 'chapter', chapter: 'before' };
    yield* growTree(desk, base, { when: 'before', question, iterations });
    await kept.write({ before: true });
  }
  const trees = yield* drawAll(desk, kept, base, { ...setting, questions: task.questions });
  const watched = test.slice(0, setting.watchedQuestions);
  const { rft, dvo } = yield* climb(desk, kept, { base, trees, watched, watchEvery, saveEvery });
  if (await kept.read('after')) return;
  yield { kind: 'chapter', chapter: 'after' };
  yield* scored(desk, kept, 'rft', rft, test);
  yield* scored(desk, kept, 'dvo', dvo, test);
  yield* growTree(desk, dvo, { when: 'after', question, iterations });
  yield { kind: 'chapter', chapter: 'end' };
  await kept.write({ after: true });
}

/** Counts answers, and keeps the model as a folder to be downloaded. */
async function* scored(
  desk: Desk,
  kept: Kept,
  who: Who,
  params: Params,
  test: Desk['task']['test'],
): AsyncGenerator<Scene, void> {
  const score: Score = await scoreOf(desk, params, test);
  await kept.write({ [`model-${who}`]: await folderOf(desk, params) });
  yield { kind: 'scored', who, score };
}

async function folderOf({ learner }: Desk, params: Params): Promise<ModelFolder> {
  const files: [string, Uint8Array][] = [];
  for (const { name, chunks } of pretrainedFiles({ ...learner, params })) {
    const parts: BlobPart[] = [];
    if (typeof chunks === 'string' || chunks instanceof Uint8Array) parts.push(chunks as BlobPart);
    else for await (const chunk of chunks) parts.push(chunk as BlobPart);
    files.push([name, new Uint8Array(await new Blob(parts).arrayBuffer())]);
  }
  return Object.fromEntries(files);
}
