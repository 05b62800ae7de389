import { assertOptions, createRng, normal, type State, splitRng, uniform } from '@svo/mdp';
import { drawIndex } from './draw-index.ts';
import type { PlantedTree } from './planted-tree.ts';
import type { SampledText, ServedModel } from './server/served-model.ts';

/** Options of `servedTree`. */
export interface ServedTreeOptions {
  /** Mean tokens of a step; lengths are log-normal with σ = 0.5. Default 40. */
  readonly meanTokens?: number;
  /** Probability that a generation never ends by itself and runs into `maxTokens`. Default 0.01. */
  readonly runaway?: number;
}

const sigma = 0.5;

/**
 * A planted tree as a model to serve, so that a search over HTTP has known values too. Steps are padded to lengths as a
 * language model's vary; the step's log-prob stands on its first token, the padding is certain.
 *
 * @example
 * ```ts
 * import { plantedTree, servedTree } from '@svo/policy/testing';
 * const tree = plantedTree({ seed: 1 });
 * const model = servedTree(tree, { runaway: 0 });
 * const { text } = model.sample(tree.question(3).prompt, { seed: 5, maxTokens: 500, stop: ['\n\n'] });
 * /^Take branch \d\./.test(text); // => true
 * ```
 */
export function servedTree(tree: PlantedTree, options: ServedTreeOptions = {}): ServedModel {
  assertOptions('servedTree', options, ['meanTokens', 'runaway']);
  const { meanTokens = 40, runaway = 0.01 } = options;
  return {
    name: tree.policy.id,
    sample: (prompt, { seed, maxTokens }) => {
      const state = stateOf(prompt);
      const probabilities = tree.probabilities(state);
      const rng = splitRng(createRng(seed), 'served tree');
      const branch = drawIndex(probabilities, uniform(splitRng(rng, 'branch'))[0]);
      const logp = Math.log(probabilities[branch]!);
      const [z] = normal(splitRng(rng, 'length'));
      const length = Math.max(3, Math.round(meanTokens * Math.exp(sigma * z - sigma ** 2 / 2)));
      const endless = uniform(splitRng(rng, 'runaway'))[0] < runaway || length > maxTokens;
      const step = tree.step(state, branch);
      const [head = '', answer = ''] = step.trimEnd().split(/(?= Final Answer)/);
      const padding = Array<string>((endless ? maxTokens : length) - 2).fill(' hm');
      if (endless) return sampled([head, ...padding, ' hm'], logp, 'length', null);
      return answer === ''
        ? sampled([head, ...padding, '\n\n'], logp, 'stop', '\n\n')
        : sampled([head, ...padding, answer], logp, 'stop', null);
    },
    score: (text) => ({ tokens: [text], tokenIds: [0], logps: [null] }),
    value: (text) => tree.value(stateOf(text)),
  };
}

function sampled(
  tokens: readonly string[],
  logp: number,
  finishReason: SampledText['finishReason'],
  stopReason: string | null,
): SampledText {
  const whole = tokens.join('');
  return {
    tokens,
    tokenIds: tokens.map((_, at) => at),
    logps: tokens.map((_, at) => (at === 0 ? logp : 0)),
    text: stopReason === null ? whole : whole.slice(0, -stopReason.length),
    finishReason,
    stopReason,
  };
}

/** The question and the steps a prompt of the tree holds. */
function stateOf(prompt: string): State {
  const [head = '', ...rest] = prompt.split(/(?<=\n\n)/);
  const index = /^Question (\d+):/.exec(head)?.[1];
  if (index === undefined) throw new RangeError(`servedTree: not a prompt of a planted tree: ${head.slice(0, 60)}`);
  return { questionId: `planted-${index}`, steps: rest };
}
