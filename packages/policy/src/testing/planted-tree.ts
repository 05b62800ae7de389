import {
  assertOptions,
  type Candidate,
  contentHash,
  createRng,
  normal,
  normals,
  type Policy,
  type ProposeRequest,
  type Question,
  type Rng,
  type State,
  splitRng,
  uniform,
  uniforms,
  type Verifier,
} from '@svo/mdp';
import { failedCandidates } from '../wrappers/candidates.ts';
import { drawIndex } from './draw-index.ts';
import { backup, rewardOf, softmax, type ValueKind } from './planted-maths.ts';

/** Options of `plantedTree`. */
export interface PlantedTreeOptions {
  readonly seed: number;
  /** Children of a node. Default 4. */
  readonly branching?: number;
  /** Steps of the longest response. Default 4. */
  readonly depth?: number;
  /** Steps of the shortest response; at this depth and below a node ends with probability 0.3. Default `depth`. */
  readonly minDepth?: number;
  /** Probability that a leaf is right, at a node of neutral quality. Default 0.4. */
  readonly successRate?: number;
  /** Standard deviation of a step's effect on the log-odds of being right: 0 makes all leaves alike. Default 1. */
  readonly spread?: number;
  /** Standard deviation of the policy's logits: 0 makes it uniform. Default 1. */
  readonly sharpness?: number;
}

/** A policy, a judge, and what they are worth. */
export interface PlantedTree {
  /** Question `index`, each with a tree of its own. */
  readonly question: (index: number) => Question;
  readonly policy: Policy;
  readonly verifier: Verifier;
  /** π(a | s) of each child, in order; empty at a terminal. */
  readonly probabilities: (state: State) => readonly number[];
  /** The text of child `branch`. */
  readonly step: (state: State, branch: number) => string;
  /** +1 or −1 at a terminal, undefined elsewhere. */
  readonly reward: (state: State) => number | undefined;
  /** Exact V(s) by dynamic programming; 0 after the end, as everywhere, is not used here: a terminal is worth its reward. */
  readonly value: (state: State, kind?: ValueKind) => number;
}

interface Node {
  readonly probabilities: readonly number[];
  readonly reward: number | undefined;
  readonly quality: number;
  readonly rng: Rng;
}

/**
 * A random tree whose values are known exactly: every node's action probabilities, end and reward follow from the seed
 * and the path, and V by dynamic programming. The policy draws from those probabilities with the request's seed, and
 * reports their logarithms; the verifier reads the path off the text. Right responses end in `Final Answer: 1`, wrong
 * ones in `Final Answer: 0`, and each question's answer is `1`, so that any other verifier agrees.
 *
 * Throws RangeError for options out of range.
 *
 * @example
 * ```ts
 * import { initialState } from '@svo/mdp';
 * import { plantedTree } from '@svo/policy/testing';
 * const tree = plantedTree({ seed: 1, branching: 2, depth: 1 });
 * const root = initialState(tree.question(0));
 * const [p0, p1] = tree.probabilities(root);
 * const child = (branch: number) => ({ ...root, steps: [tree.step(root, branch)] });
 * const expected = p0! * tree.reward(child(0))! + p1! * tree.reward(child(1))!;
 * Math.abs(tree.value(root) - expected) < 1e-12; // => true
 * ```
 */
export function plantedTree(options: PlantedTreeOptions): PlantedTree {
  assertOptions('plantedTree', options, [
    'seed',
    'branching',
    'depth',
    'minDepth',
    'successRate',
    'spread',
    'sharpness',
  ]);
  const settings = {
    branching: 4,
    depth: 4,
    successRate: 0.4,
    spread: 1,
    sharpness: 1,
    minDepth: options.depth ?? 4,
    ...options,
  };
  checkSettings(settings);
  const { branching, depth, minDepth } = settings;
  const root = createRng(settings.seed);
  const nodes = new Map<string, Node>();
  const values = new Map<string, number>();

  const nodeAt = (index: string, path: readonly number[]): Node => {
    const key = `${index}/${path.join('.')}`;
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const parent = path.length === 0 ? undefined : nodeAt(index, path.slice(0, -1));
    if (parent?.reward !== undefined) throw new RangeError(`plantedTree: no step follows the end of ${key}`);
    const rng = splitRng(parent?.rng ?? splitRng(root, index), path.at(-1) ?? 'root');
    const quality = parent === undefined ? 0 : parent.quality + settings.spread * normal(splitRng(rng, 'quality'))[0];
    const ends =
      path.length >= depth || (path.length >= minDepth && path.length > 0 && uniform(splitRng(rng, 'end'))[0] < 0.3);
    const node: Node = ends
      ? { rng, quality, probabilities: [], reward: rewardOf(rng, quality, settings.successRate) }
      : {
          rng,
          quality,
          reward: undefined,
          probabilities: softmax(normals(splitRng(rng, 'policy'), branching), settings.sharpness),
        };
    nodes.set(key, node);
    return node;
  };

  const valueAt = (index: string, path: readonly number[], kind: ValueKind): number => {
    const node = nodeAt(index, path);
    if (node.reward !== undefined) return node.reward;
    const key = `${typeof kind === 'string' ? kind : kind.beta}/${index}/${path.join('.')}`;
    const known = values.get(key);
    if (known !== undefined) return known;
    const children = node.probabilities.map((_, branch) => valueAt(index, [...path, branch], kind));
    const value = backup(node.probabilities, children, kind);
    values.set(key, value);
    return value;
  };

  const locate = (state: State): [string, number[]] => [indexOf(state.questionId), state.steps.map(branchOf)];
  const step = (state: State, branch: number): string => {
    const [index, path] = locate(state);
    const { reward } = nodeAt(index, [...path, branch]);
    return `Take branch ${branch}.${reward === undefined ? '\n\n' : ` Final Answer: ${reward > 0 ? 1 : 0}`}`;
  };
  const propose = (request: ProposeRequest): readonly Candidate[] => {
    let probabilities: readonly number[];
    try {
      probabilities = nodeAt(...locate(request.state)).probabilities;
    } catch (error) {
      return failedCandidates(request.count, { kind: 'refused', message: String(error) });
    }
    if (probabilities.length === 0) {
      return failedCandidates(request.count, { kind: 'refused', message: 'plantedTree: the state is terminal' });
    }
    const draws = uniforms(splitRng(createRng(request.seed), 'planted'), request.count);
    return Array.from(draws, (u) => {
      const branch = drawIndex(probabilities, u);
      const text = step(request.state, branch);
      const finish = text.endsWith('\n\n') ? 'step' : 'answer';
      return { text, tokenIds: [branch], logps: [Math.log(probabilities[branch]!)], count: 1, finish };
    });
  };

  return {
    question: (index) => ({ id: `planted-${index}`, prompt: `Question ${index}: find a way to 1.\n\n`, answer: '1' }),
    policy: {
      id: `planted:${contentHash(settings).slice(0, 12)}`,
      propose: async (request) => propose(request),
      proposeMany: async (requests) => requests.map(propose),
    },
    verifier: (_, response) => {
      const answer = /Final Answer: ([01])$/.exec(response)?.[1];
      return answer === undefined
        ? { equivalent: undefined, how: 'no answer' }
        : { equivalent: answer === '1', how: 'planted', answer };
    },
    probabilities: (state) => nodeAt(...locate(state)).probabilities,
    step,
    reward: (state) => nodeAt(...locate(state)).reward,
    value: (state, kind = 'policy') => valueAt(...locate(state), kind),
  };
}

function indexOf(questionId: string): string {
  const index = /^planted-(\d+)$/.exec(questionId)?.[1];
  if (index === undefined)
    throw new RangeError(`plantedTree: no question '${questionId}', only planted-0, planted-1, …`);
  return index;
}

function branchOf(step: string): number {
  const branch = /^\s*Take branch (\d+)\./.exec(step)?.[1];
  if (branch === undefined)
    throw new RangeError(`plantedTree: not one of its steps: ${JSON.stringify(step.slice(0, 80))}`);
  return Number(branch);
}

function checkSettings(settings: Required<PlantedTreeOptions>): void {
  const whole = (name: 'branching' | 'depth' | 'minDepth', low: number, high: number): void => {
    const value = settings[name];
    if (Number.isInteger(value) && value >= low && value <= high) return;
    throw new RangeError(`plantedTree: ${name} must be an integer in [${low}, ${high}], got ${value}`);
  };
  whole('branching', 1, 64);
  whole('depth', 1, 64);
  whole('minDepth', 1, settings.depth);
  if (!(settings.successRate > 0 && settings.successRate < 1)) {
    throw new RangeError(`plantedTree: successRate must lie in (0, 1), got ${settings.successRate}`);
  }
}
