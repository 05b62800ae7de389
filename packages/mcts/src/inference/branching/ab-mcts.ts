import {
  assertCounts,
  assertOptions,
  createRng,
  initialState,
  integer,
  type Policy,
  type Question,
  splitRng,
  type ValueModel,
} from '@svo/mdp';
import { defaults } from '../../defaults.ts';
import { isLoss } from '../../search/tell/faults.ts';
import { noUsage } from '../../tree/tree.ts';
import { type Decoded, type Response, rankResponses, responseOf } from '../decoded.ts';
import { scoredSteps } from '../scored-steps.ts';
import type { Stepped } from '../stepped.ts';
import { type Branching, type Family, nodeAggregation } from './branching.ts';
import { noiseFrom } from './noise.ts';
import { type BranchingNoise, nothingObserved, type Observed, observe } from './posteriors.ts';

/** What AB-MCTS needs. */
export interface AbMctsOptions {
  readonly question: Question;
  readonly policy: Policy;
  /** Scores every prefix and response, for the branchings' own numbers in [0, 1]. */
  readonly valueModel: ValueModel;
  /** How many steps to draw in all: 32. */
  readonly iterations?: number;
  /** The most steps of a response: 8. */
  readonly depth?: number;
  /** Decides whether a node gets a new child, or which of its children is gone into: {@link nodeAggregation}, or {@link mixedModel}. */
  readonly branching?: Branching;
  /** How many places are chosen before their steps are drawn together: 1. */
  readonly parallel?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** A prefix that was drawn, and the scores by which it is chosen or left. */
interface Node extends Stepped {
  readonly parent: number;
  readonly score: number;
  readonly children: number[];
  /** Scores of its children when they were drawn, and of what came below them later. */
  fresh: Observed;
  deeper: Observed;
  /** Its own score and all below it. */
  all: Observed;
  readonly scores: number[];
}

/**
 * AB-MCTS (Inoue et al., 2503.04412; TreeQuest): a search whose branching adapts. At every node Thompson sampling decides between a new step
 * (wider) and one of those there are (deeper), by draws from what is believed of scores to come: AB-MCTS-A by the branching {@link nodeAggregation}, AB-MCTS-M by {@link mixedModel}.
 *
 * A child that has ended (an answer, the depth, a cut-off) can't be gone into. A step that failed teaches nothing; one that a server's faults
 * kept from coming is `lost`. Each node is a response: to refine whole answers, let a step be an answer and `finish` `'step'`.
 *
 * @returns every prefix that was drawn, finished ones first, then by score
 * @throws RangeError when a setting is no positive integer, a posterior draws NaN, the branching names no open child, or the value model gives something else than numbers
 * @example
 * ```ts
 * import type { Policy, ValueModel } from '@svo/mdp';
 * import { abMcts } from '@svo/mcts';
 * const policy: Policy = {
 *   id: 'digits',
 *   propose: async ({ state, seed }) => [{ text: `${seed % 10}`, count: 1, finish: state.steps.length < 2 ? 'step' : 'answer' }],
 * };
 * const values: ValueModel['values'] = async (states) => states.map(({ state }) => state.steps.reduce((sum, digit) => sum + Number(digit), 0) / 27);
 * const found = await abMcts({ question: { id: 'q', prompt: '?' }, policy, valueModel: { id: 'sum', values }, iterations: 60 });
 * [found.best!.finished, found.best!.score > 0.5, found.responses.length, found.cost.requests]; // => [true, true, 60, 60]
 * ```
 */
export async function abMcts(options: AbMctsOptions): Promise<Decoded> {
  assertOptions('abMcts', options, [
    'question',
    'policy',
    'valueModel',
    'iterations',
    'depth',
    'branching',
    'parallel',
    'seed',
    'signal',
  ]);
  const { question, policy, valueModel, branching = nodeAggregation(), seed = 0, signal } = options;
  const { iterations = 32, depth = defaults.depth, parallel = 1 } = options;
  assertCounts('abMcts', { iterations, depth, parallel });
  const rng = splitRng(splitRng(createRng(seed), 'branching'), question.id);
  const scoring = { asked: { caller: 'abMcts', policy, signal }, question, valueModel, depth };
  const cost = noUsage();
  const lost: Response[] = [];
  const nodes = [nodeOf(-1, { state: initialState(question), ended: false, finished: false }, Number.NaN)];
  for (let at = 0; at < iterations; at += parallel) {
    const places = Array.from({ length: Math.min(parallel, iterations - at) }, (_, k) => {
      const own = splitRng(rng, at + k);
      const parent = place(nodes, branching, noiseFrom(splitRng(own, 'place')));
      return { parent, seed: integer(splitRng(own, 'step'), 2 ** 32)[0] };
    });
    const from = places.map(({ parent, seed }) => ({ state: nodes[parent]!.state, seed }));
    const scored = await scoredSteps(scoring, from, cost);
    for (const [k, { step, score }] of scored.entries()) {
      const { parent } = places[k]!;
      if (step.failure === undefined) tell(nodes, parent, step, score);
      else if (isLoss(step.failure)) lost.push(responseOf(step.state, false, Number.NaN, step.failure));
      else nodes.push(nodeOf(parent, step, score));
    }
  }
  const responses = rankResponses(
    nodes.slice(1).map(({ state, finished, score, failure }) => responseOf(state, finished, score, failure)),
  );
  return { best: responses[0], responses, lost, cost };
}

function nodeOf(parent: number, step: Stepped, score: number): Node {
  const nothing = nothingObserved;
  return { ...step, parent, score, children: [], fresh: nothing, deeper: nothing, all: nothing, scores: [] };
}

/** The node that is to have a new child: down from the root as long as the branching says so. */
function place(nodes: readonly Node[], branching: Branching, noise: BranchingNoise): number {
  let at = 0;
  for (;;) {
    const family = familyOf(nodes, nodes[at]!);
    if (!family.children.some(({ open }) => open)) return at;
    const child = branching(family, noise);
    if (child === undefined) return at;
    if (family.children[child]?.open !== true)
      throw new RangeError(`abMcts: branching must give undefined or the place of an open child, got ${child}`);
    at = nodes[at]!.children[child]!;
  }
}

const familyOf = (nodes: readonly Node[], { children, fresh, deeper }: Node): Family => ({
  children: children.map((child) => {
    const { all, scores, ended } = nodes[child]!;
    return { all, scores, open: !ended };
  }),
  fresh,
  deeper,
});

/** A new child, and what its score tells everybody above it. */
function tell(nodes: Node[], parent: number, step: Stepped, score: number): void {
  nodes[parent]!.children.push(nodes.length);
  const child = nodeOf(parent, step, score);
  child.all = observe(child.all, score);
  child.scores.push(score);
  nodes.push(child);
  nodes[parent]!.fresh = observe(nodes[parent]!.fresh, score);
  for (let at = parent; nodes[at]!.parent >= 0; at = nodes[at]!.parent) {
    const above = nodes[nodes[at]!.parent]!;
    nodes[at]!.all = observe(nodes[at]!.all, score);
    nodes[at]!.scores.push(score);
    above.deeper = observe(above.deeper, score);
  }
}
