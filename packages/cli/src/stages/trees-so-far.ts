/** What an interrupted run left, and whether it is still its own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { compareFingerprints, type Fingerprint, loadTree, type Tree } from '@svo/mcts';
import type { Question } from '@svo/mdp';
import { otherRun } from '../errors.ts';
import type { RunFolder } from '../shell/run-folder.ts';

/** A question's parts by name, as text. */
const partsOf = ({ id, prompt, answer }: Question): Fingerprint => ({
  'question.id': id,
  'question.prompt': prompt,
  'question.answer': answer ?? 'none',
});

/** Why what lies in a run's folder is not of this question, in words; `undefined` where it is. */
export const differenceOfQuestion = (was: Question, is: Question): string | undefined =>
  firstDifference(partsOf(was), partsOf(is));

/** Which tree lies where, and what decides them all. */
export interface TreePlaces {
  readonly questions: readonly Question[];
  readonly place: (question: Question) => string;
  /** Where it stands what the trees are made of: those of draws do not say it themselves. */
  readonly made: string;
  readonly fingerprint: Fingerprint;
}

/**
 * The trees that are there already, by their questions' ids.
 *
 * @throws UsageError for trees made by another model, judge or setting than is there now, and for a tree of another question or of none
 */
export async function treesSoFar(
  run: RunFolder,
  { questions, place, made, fingerprint }: TreePlaces,
): Promise<Map<string, Tree>> {
  const difference = run.has(made) ? firstDifference(run.readJson<Fingerprint>(made), fingerprint) : undefined;
  if (difference !== undefined) throw otherRun(`${run.path(made)}: ${difference}`);
  if (!run.has(made)) await run.write(made, `${JSON.stringify(fingerprint, undefined, 2)}\n`);
  const trees = new Map<string, Tree>();
  const names = new Set(questions.map((question) => basename(place(question))));
  const [first] = questions;
  const folder = first && run.path(dirname(place(first)));
  const left = folder !== undefined && existsSync(folder) ? readdirSync(folder) : [];
  const orphan = left.find((name) => name.endsWith('.tree') && !names.has(name));
  if (orphan !== undefined) throw otherRun(`${folder}: ${orphan} is a tree of none of the questions there are now`);
  for (const question of questions) {
    if (!run.has(place(question))) continue;
    const tree = loadTree(readFileSync(run.path(place(question))));
    const other = differenceOfQuestion(tree.question, question) ?? firstDifference(tree.fingerprint, fingerprint);
    if (other !== undefined) throw otherRun(`${run.path(place(question))}: ${other}`);
    trees.set(question.id, tree);
  }
  return trees;
}

const firstDifference = (was: Fingerprint | undefined, is: Fingerprint): string | undefined => {
  const [part] = compareFingerprints(was, is).different;
  return part === undefined ? undefined : `${part} was ${show(was![part])}, is ${show(is[part])}`;
};

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'none';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};
