/** What happens, as the page hears of it: plain records that cross from the worker. */
import type { Accuracy, Shares } from './measures.ts';
import type { SeenTree } from './seen-tree.ts';
import type { CreditedSolution } from './solutions.ts';

/** The parts of the story, in order. */
export const chapters = ['base', 'before', 'draws', 'lanes', 'after', 'end'] as const;
export type Chapter = (typeof chapters)[number];

/** Whose answers are counted: the base, and what each objective made of it. */
export type Who = 'base' | Lane;

/** The objectives that are compared; both learn from the same draws. */
export const lanes = ['rft', 'dvo'] as const;
export type Lane = (typeof lanes)[number];

/** One thing that happened. */
export type Scene =
  | { readonly kind: 'engine'; readonly device: string }
  | { readonly kind: 'chapter'; readonly chapter: Chapter }
  | { readonly kind: 'learned'; readonly step: number; readonly loss: number; readonly shares?: Shares }
  | { readonly kind: 'tree'; readonly when: 'before' | 'after'; readonly tree: SeenTree }
  | { readonly kind: 'drawn'; readonly drawn: Drawn }
  | { readonly kind: 'solutions'; readonly solutions: readonly CreditedSolution[] }
  | {
      readonly kind: 'climbed';
      readonly lane: Lane;
      readonly step: number;
      readonly of: number;
      readonly share: number;
    }
  | { readonly kind: 'scored'; readonly who: Who; readonly score: Score };

/** How far the draws are. */
export interface Drawn {
  readonly questions: number;
  readonly of: number;
  readonly solutions: number;
  readonly right: number;
}

/** Answers to the unseen questions, and how many of the steps in them are merged. */
export interface Score {
  readonly greedy: Accuracy;
  readonly sampled: Accuracy;
  /** Of the steps of the sampled answers, in [0, 1]. */
  readonly merged: number;
}
