import { createRng, integer, type Question, splitRng } from '@svo/mdp';
import type { Rules } from '../../rules/rules.ts';
import { solutionsOf } from '../../tree/terminals.ts';
import { createTree, type Fingerprint } from '../../tree/tree.ts';
import { ProgramError } from '../ask/program-error.ts';
import { compareFingerprints, fingerprintOf, questionParts } from '../fingerprint.ts';
import { type ReplayedSearch, replayJournal } from '../journal/replay-journal.ts';
import type { SearchManyOptions } from '../search-options.ts';
import type { Lane } from './lane.ts';

/** Where lanes come from: questions one after the other, and more trees for those that `repeat` asks for. */
export interface LaneSource {
  readonly next: () => Lane | undefined;
  /** Takes a finished lane; whether it was its question's last. */
  readonly finished: (lane: Lane) => boolean;
}

/** The lanes of a search over many questions, those of the journal's past first taken up where it ends. */
export function laneSource(options: SearchManyOptions): LaneSource {
  const { questions, rules, policy, valueModel, seed = 0, leaves = 1, order = 'ordered', repeat } = options;
  const fingerprint = fingerprintOf({ policy, rules, leaves, order, valueModel });
  const rest = questions[Symbol.iterator]();
  const again: { index: number; attempt: number; question: Question }[] = [];
  const found = new Map<number, Set<string>>();
  let index = 0;
  const past = new Map(replayed(options, fingerprint).map((search) => [`${search.index}/${search.attempt}`, search]));
  const lane = (at: number, attempt: number, question: Question): Lane => {
    requireAnswer(rules, question);
    const treeSeed = attemptSeed(seed, attempt);
    const search = past.get(`${at}/${attempt}`);
    if (search !== undefined) requireSame(search, question, treeSeed, fingerprint);
    const number = search?.lane ?? options.journal?.begun() ?? 0;
    if (search === undefined) {
      options.journal?.append({
        kind: 'begin',
        lane: number,
        index: at,
        attempt,
        question,
        seed: treeSeed,
        rules: rules.id,
        leaves,
        fingerprint,
      });
    }
    const tree = search?.tree ?? createTree(question, { seed: treeSeed });
    tree.fingerprint ??= search === undefined ? fingerprint : undefined;
    return {
      index: at,
      attempt,
      question,
      tree,
      rules,
      leaves,
      ordered: order === 'ordered',
      queue: [...(search?.queue ?? [])],
      journal: options.journal === undefined ? undefined : { to: options.journal, lane: number },
      early: new Map(),
    };
  };
  return {
    next: () => {
      const retry = again.shift();
      if (retry !== undefined) return lane(retry.index, retry.attempt, retry.question);
      const step = rest.next();
      return step.done === true ? undefined : lane(index++, 0, step.value);
    },
    finished: ({ index: at, attempt, question, tree }) => {
      if (repeat === undefined) return true;
      const solutions = new Set([...(found.get(at) ?? []), ...solutionsOf(tree)]);
      const more = solutions.size < repeat.solutions && attempt + 1 < repeat.trees;
      if (more) {
        found.set(at, solutions);
        again.push({ index: at, attempt: attempt + 1, question });
      } else found.delete(at);
      return !more;
    },
  };
}

/** A judge that compares with an answer says nothing where there is none, and every response would count as not correct. */
const requireAnswer = ({ verifier }: Rules, { id, answer }: Question): void => {
  if (verifier?.needsAnswer !== true || (typeof answer === 'string' && answer.trim() !== '')) return;
  const said =
    typeof answer === 'string' || (answer ?? undefined) === undefined
      ? 'got none'
      : `which must be text, got ${JSON.stringify(answer)}`;
  const problem = `rules.verifier${verifier.id === undefined ? '' : ` (${verifier.id})`} compares with question.answer, ${said}`;
  throw new ProgramError('searchMany', [id], problem);
};

/** The searches of the journal's past; says once what of them nobody can compare with the settings of now. */
const replayed = ({ journal, rules }: SearchManyOptions, fingerprint: Fingerprint): ReplayedSearch[] => {
  if (journal === undefined) return [];
  const searches = replayJournal(journal.past, rules, { name: journal.name });
  const unknown = new Set(
    searches.flatMap(
      ({ tree, leaves }) => compareFingerprints(tree.fingerprint ?? { rules: rules.id, leaves }, fingerprint).unknown,
    ),
  );
  if (unknown.size > 0) {
    globalThis.process?.emitWarning?.(
      `searchMany: ${journal.name} goes on without knowing whether these are as they were: ${[...unknown].join(', ')} ` +
        "(a function is known by its id: Object.assign(verifier, { id: 'exact, 2' }); journals of before recorded less)",
    );
  }
  return searches;
};

const requireSame = (
  { question: was, leaves, tree }: ReplayedSearch,
  question: Question,
  seed: number,
  now: Fingerprint,
): void => {
  const past = { ...questionParts(was), seed: tree.seed, leaves, ...tree.fingerprint };
  const present = { ...questionParts(question), seed, ...now };
  for (const argument of compareFingerprints(past, present).different) {
    throw new RangeError(
      `searchMany: ${argument} must be what the journal began with, ${past[argument as keyof typeof past]}, got ${present[argument as keyof typeof present]}`,
    );
  }
};

const attemptSeed = (seed: number, attempt: number): number =>
  attempt === 0 ? seed : integer(splitRng(splitRng(createRng(seed), 'attempt'), attempt), 2 ** 32)[0];
