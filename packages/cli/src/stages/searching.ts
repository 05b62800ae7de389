import { toTrlRow, writeRows } from '@svo/data';
import {
  dvoSearch,
  type Fingerprint,
  saveTree,
  searchFingerprint,
  searchMany,
  type Tree,
  treeSummary,
  uniformPrior,
} from '@svo/mcts';
import { contentHash, type Question, type StepFormat, type Verifier, wholeFormat } from '@svo/mdp';
import { drawTrees, type RowMaterial, treeMaterial } from '@svo/recipes';
import type { OpenedModel } from '../models/open-policy.ts';
import type { Searching } from '../plans/search-plan.ts';
import { files, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { treesTogether } from './together.ts';
import { treesSoFar } from './trees-so-far.ts';

/** Who searches what, and under which name the trees lie. */
export interface Growing {
  readonly stage: string;
  readonly model: OpenedModel;
  readonly questions: readonly Question[];
  readonly verifier: Verifier;
  readonly format: StepFormat;
  readonly search: Searching;
  /** Whether the policy says how likely its tokens were; without, every step is as likely as it was often drawn. */
  readonly priors: boolean;
  readonly seed: number;
}

/** What a search came to. */
export interface Grown {
  readonly material: RowMaterial;
  readonly right: number;
  readonly wrong: number;
  /** Questions that have no tree: nothing came from who was asked. */
  readonly failed: number;
  readonly tokens: number;
}

/**
 * A tree for every question, saved as it is finished: after an interruption only the missing ones are made, and those of a model that is here are the same to the last bit.
 * The trajectories that are learned from are written beside them, as TRL's rows.
 *
 * @throws UsageError where a tree that is there already was made of another question or by another model, judge or setting
 */
export async function growTrees(run: RunFolder, shell: Shell, growing: Growing): Promise<Grown> {
  const { stage, questions, seed } = growing;
  // Numbered, so that whoever reads the folder has the trees in the questions' order.
  const places = new Map(questions.map(({ id }, i) => [id, `${files.trees(stage)}/${treeName(i, id)}`]));
  const place = ({ id }: Question): string => places.get(id)!;
  const { fingerprint, grow } = growers[growing.search.from](growing, shell.signal);
  const grown = await treesSoFar(run, { questions, place, made: files.made(stage), fingerprint });
  const missing = questions.filter(({ id }) => !grown.has(id));
  const bar = shell.bar(stage, 'trees');
  bar.start(questions.length, grown.size);
  let [failed, right] = [0, 0];
  for await (const tree of grow(missing)) {
    const { outcomes, failed: nothing } = treeSummary(tree);
    if (nothing) failed++;
    else {
      await run.write(place(tree.question), saveTree(tree));
      grown.set(tree.question.id, tree);
    }
    if (outcomes.correct > 0) right++;
    bar.update(grown.size + failed, { solved: right });
  }
  bar.stop();
  shell.signal.throwIfAborted();
  const trees = questions.flatMap(({ id }) => grown.get(id) ?? []);
  const material = treeMaterial(trees, { seed });
  await writeRows(
    run.path(files.rows(stage)),
    material.trajectories.map((trajectory) => toTrlRow(trajectory)),
  );
  const summaries = trees.map(treeSummary);
  const sum = (of: (summary: (typeof summaries)[number]) => number): number =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  return {
    material,
    right: sum(({ outcomes }) => outcomes.correct),
    wrong: sum(({ outcomes }) => outcomes.wrong),
    failed: questions.length - trees.length,
    tokens: sum(({ usage }) => usage.tokens),
  };
}

/** @throws Error where nothing at all came from who was asked */
export function assertSome({ material, failed }: Pick<Grown, 'material' | 'failed'>): void {
  if (material.trees.length === 0)
    throw new RangeError(
      `search: none of ${failed} questions was answered; is the server up, and does it know the model?`,
    );
}

const treeName = (index: number, id: string): string =>
  `${String(index).padStart(6, '0')}-${contentHash(id).slice(0, 16)}.tree`;

/** What decides the trees, and the trees of some questions. */
interface Grower {
  readonly fingerprint: Fingerprint;
  readonly grow: (questions: readonly Question[]) => AsyncIterable<Tree>;
}

/** How each kind of search makes its trees. */
const growers = { trees: searchTrees, draws: drawnTrees } as const;

function searchTrees(growing: Growing, signal: AbortSignal): Grower {
  const { model, verifier, format, search, priors, seed, stage } = growing;
  const { iterations, breadth, depth, temperature, stepTokens } = search;
  const policy = model.policy({ format, temperature, maxTokens: stepTokens, id: stage });
  const rules = dvoSearch({ verifier, iterations, breadth, depth, ...(priors ? {} : { prior: uniformPrior }) });
  return {
    fingerprint: searchFingerprint({ policy, rules }),
    grow: async function* (questions) {
      const records = searchMany({ questions, policy, rules, seed, trees: treesTogether, signal });
      for await (const record of records) if (record.kind === 'tree') yield record.tree;
    },
  };
}

function drawnTrees(growing: Growing, signal: AbortSignal): Grower {
  const { model, verifier, format, search, seed, stage } = growing;
  const { draws, depth, temperature, stepTokens } = search;
  const policy = model.policy({ format: wholeFormat, temperature, maxTokens: depth * stepTokens, id: stage });
  const { tokenizer } = model;
  const known = tokenizer === undefined ? {} : { tokenizer };
  return {
    fingerprint: { policy: policy.id, verifier: verifier.id ?? null, draws, format: format.id },
    grow: (questions) => drawTrees({ policy, questions, verifier, draws, format, seed, signal, ...known }),
  };
}
