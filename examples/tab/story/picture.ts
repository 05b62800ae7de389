/** All that has happened, as it is shown: scenes folded into one record, which is kept beside the weights. */
import type { Accuracy, Shares } from './measures.ts';
import type { Chapter, Drawn, Lane, Scene, Score, Who } from './scenes.ts';
import type { SeenTree } from './seen-tree.ts';
import type { CreditedSolution } from './solutions.ts';

/** A point of a curve: after how many updates, and what. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

export interface Picture {
  readonly device?: string;
  readonly chapter?: Chapter;
  readonly losses: readonly Point[];
  /** What share of the plain and of the merged steps the base gets right, as it learns. */
  readonly shares: readonly ({ readonly step: number } & Shares)[];
  readonly before?: SeenTree;
  readonly after?: SeenTree;
  readonly drawn?: Drawn;
  readonly solutions: readonly CreditedSolution[];
  readonly climbs: Readonly<Record<Lane, readonly Point[]>>;
  readonly updates: number;
  readonly scores: Readonly<Partial<Record<Who, Score>>>;
}

export type { Accuracy };

export const emptyPicture: Picture = {
  losses: [],
  shares: [],
  solutions: [],
  climbs: { rft: [], dvo: [] },
  updates: 0,
  scores: {},
};

/** The picture after one more scene. */
export function withScene(picture: Picture, scene: Scene): Picture {
  switch (scene.kind) {
    case 'engine':
      return { ...picture, device: scene.device };
    case 'chapter':
      return { ...picture, chapter: scene.chapter };
    case 'learned': {
      const { step, loss: value, shares } = scene;
      const losses = [...before(picture.losses, step), { step, value }];
      return {
        ...picture,
        losses,
        shares: shares ? [...before(picture.shares, step), { step, ...shares }] : picture.shares,
      };
    }
    case 'tree':
      return { ...picture, [scene.when]: scene.tree };
    case 'drawn':
      return { ...picture, drawn: scene.drawn };
    case 'solutions':
      return { ...picture, solutions: scene.solutions };
    case 'climbed': {
      const { lane, step, of, share: value } = scene;
      const points = [...before(picture.climbs[lane], step), { step, value }];
      return { ...picture, updates: of, climbs: { ...picture.climbs, [lane]: points } };
    }
    case 'scored':
      return { ...picture, scores: { ...picture.scores, [scene.who]: scene.score } };
  }
}

/** What was there before an update: a story that goes on tells some of it again. */
const before = <T extends { readonly step: number }>(points: readonly T[], step: number): readonly T[] =>
  points.filter((point) => point.step < step);
