import { assertOptions, type Question } from '@svo/mdp';
import { dvoSearch, type PresetOptions } from '../rules/presets.ts';
import { search } from '../search/many/search-many.ts';
import type { Tree } from '../tree/tree.ts';
import { commonOptions, type ValueOptions } from './value-options.ts';

/** How {@link searchValues} estimates: what `dvoSearch` lets a caller change. */
export interface SearchValuesOptions extends ValueOptions, Omit<PresetOptions, 'verifier' | 'depth'> {}

/**
 * Values from search: MCTS by DVO's rules ({@link dvoSearch}), one tree a question. It chooses where to look, so that it finds
 * right responses where independent draws hold none; its draws are no longer the policy's own. For many questions at once, with
 * a journal, take `searchMany`.
 *
 * @param options `iterations` 80, `breadth` 5, `prior` `meanTokenProb` (give `uniformPrior` for a policy without log-probs)
 * @throws RangeError when a setting is out of range or unknown
 * @throws ProgramError when the policy has a defect
 * @example
 * ```ts
 * import type { Policy, Verifier } from '@svo/mdp';
 * import { searchValues, uniformPrior } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 5, finish: 'answer' }] };
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.includes(answer!), how: 'test' });
 * const options = { policy, verifier, prior: uniformPrior };
 * const tree = await searchValues({ id: 'a', prompt: '2 + 3?', answer: '5' }, options);
 * tree.values[0]; // => 1
 * ```
 */
export function searchValues(question: Question, options: SearchValuesOptions): Promise<Tree> {
  assertOptions('searchValues', options, [...commonOptions, 'iterations', 'breadth', 'c', 'rewards', 'stop', 'prior']);
  const { policy, seed = 0, signal, ...rules } = options;
  return search({ question, policy, rules: dvoSearch(rules), seed, ...(signal && { signal }) });
}
