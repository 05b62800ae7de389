import { assertOptions, type Question } from '@svo/mdp';
import type { Rules } from '../../rules/rules.ts';
import { OUTCOMES } from '../../tree/status.ts';
import { MOST_IN_FLIGHT, type Tree } from '../../tree/tree.ts';
import type { ProgressRecord, SearchManyOptions, TreeRecord } from '../search-options.ts';
import { laneSource } from './lane-source.ts';
import { streamLanes } from './stream.ts';
import { waveLanes } from './waves.ts';

/**
 * Searches many questions with one policy, and yields each tree when it is finished, with progress in between. In order,
 * every tree is the same whatever `trees`, `schedule` and the server's timing; only the order of the records differs.
 *
 * A server's failure (a candidate's `failure`, or an error that carries one) never throws here: it ends on a node, as
 * `lost`, and counts for nothing. An abort does throw, and so does a defect of the program.
 *
 * @throws RangeError when a setting is out of range or unknown, or the journal is of another search; the message names what
 *   differs
 * @throws ProgramError naming the question, for any other error of policy, value model, judge or rules, for an answer that is
 *   no list of candidates, and for a question without an answer where the judge needs one
 * @example
 * ```ts
 * import type { Policy, Verifier } from '@svo/mdp';
 * import { dvoSearch, searchMany, uniformPrior } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 5, finish: 'answer' }] };
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.includes(answer!), how: 'test' });
 * const rules = dvoSearch({ verifier, prior: uniformPrior });
 * const questions = [{ id: 'a', prompt: '2 + 3?', answer: '5' }, { id: 'b', prompt: '3 + 3?', answer: '6' }];
 * const values: Record<string, number> = {};
 * for await (const record of searchMany({ questions, policy, rules, seed: 1 })) {
 *   if (record.kind === 'tree') values[record.question.id] = record.tree.values[0]!;
 * }
 * values; // => { a: 1, b: -1 }
 * ```
 */
export async function* searchMany(options: SearchManyOptions): AsyncGenerator<TreeRecord | ProgressRecord, void, void> {
  assertOptions('searchMany', options, KNOWN);
  if (options.repeat !== undefined) assertOptions('searchMany repeat', options.repeat, ['trees', 'solutions']);
  assertOptions('searchMany: rules', options.rules, RULES);
  assertOptions('searchMany: rules.rewards', options.rules.rewards, ENDS);
  const { policy, leaves = 1 } = options;
  const schedule = options.schedule ?? (policy.proposeMany === undefined ? 'stream' : 'waves');
  const trees = options.trees ?? (schedule === 'waves' ? 256 : 64);
  requireInteger('trees', trees, 2 ** 31);
  requireInteger('leaves', leaves, MOST_IN_FLIGHT);
  if (options.repeat !== undefined) {
    requireInteger('repeat.trees', options.repeat.trees, 2 ** 31);
    requireInteger('repeat.solutions', options.repeat.solutions, 2 ** 31);
  }
  yield* (schedule === 'waves' ? waveLanes : streamLanes)(laneSource(options), trees, options);
}

/**
 * Searches one question; the finished tree. See {@link searchMany}, of which this is the case of one.
 *
 * @throws RangeError when a setting is out of range
 * @example
 * ```ts
 * import type { Policy, Verifier } from '@svo/mdp';
 * import { dvoSearch, search, uniformPrior } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 5, finish: 'answer' }] };
 * const verifier: Verifier = (_, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const rules = dvoSearch({ verifier, prior: uniformPrior });
 * const tree = await search({ question: { id: 'a', prompt: '2 + 3?' }, policy, rules });
 * tree.values[0]; // => 1
 * ```
 */
export async function search(
  options: Omit<SearchManyOptions, 'questions' | 'trees' | 'repeat'> & { readonly question: Question },
): Promise<Tree> {
  assertOptions('search', options, ['question', ...KNOWN.filter((name) => !SEVERAL.has(name))]);
  const { question, ...rest } = options;
  for await (const record of searchMany({ ...rest, questions: [question], trees: 1 })) {
    if (record.kind === 'tree') return record.tree;
  }
  throw new Error('search: ended without a tree');
}

const KNOWN: readonly (keyof SearchManyOptions)[] = [
  'questions',
  'policy',
  'rules',
  'seed',
  'trees',
  'leaves',
  'order',
  'schedule',
  'valueModel',
  'repeat',
  'journal',
  'signal',
];
const RULES: readonly (keyof Rules)[] = [
  'id',
  'breadth',
  'depth',
  'select',
  'prior',
  'backup',
  'stop',
  'rewards',
  'verifier',
  'leafVisit',
  'terminalVisits',
];
const ENDS: readonly string[] = OUTCOMES.flatMap((outcome) => outcome ?? []);
/** What only a search of several questions has. */
const SEVERAL: ReadonlySet<string> = new Set(['questions', 'trees', 'repeat']);

const requireInteger = (argument: string, value: number, most: number): void => {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`searchMany: ${argument} must be an integer in [1, ${most}], got ${value}`);
  }
};
