import { assertOptions, type Question } from '@svo/mdp';
import { FormatError } from '../../files/format-error.ts';
import type { Rules } from '../../rules/rules.ts';
import { EXPANDED, IN_FLIGHT, KIND } from '../../tree/status.ts';
import { createTree, type Tree } from '../../tree/tree.ts';
import { ask } from '../ask/ask.ts';
import { compareFingerprints, rulesFingerprint } from '../fingerprint.ts';
import { expand } from '../tell/expand.ts';
import { lose } from '../tell/lose.ts';
import { decodeEvent, type JournalEvent } from './journal-events.ts';
import { readFrames } from './journal-frames.ts';

/** A search as far as its journal goes. */
export interface ReplayedSearch {
  /** The search's number in the journal. */
  readonly lane: number;
  /** The question's place among the questions, and which of its trees this is. */
  readonly index: number;
  readonly attempt: number;
  readonly question: Question;
  readonly leaves: number;
  /** Parts of the rules that could not be compared: functions without an id, and all that the first journals did not record. */
  readonly unchecked: readonly string[];
  readonly tree: Tree;
  /** Leaves that were out when the journal ends, in the order they were asked. */
  readonly queue: readonly number[];
}

/**
 * The trees of a journal, rebuilt ask by ask and tell by tell without a policy or a verifier: bit for bit what they were
 * when the last whole event was written. Every ask is made again by the rules and must give the leaf that was recorded.
 *
 * @param bytes the journal
 * @param rules what the searches were run with
 * @param options `name` of the file, for errors
 * @throws FormatError naming the file and the byte, for events changed, out of order, or made under other rules, whose parts
 *   are compared by name
 * @example
 * ```ts
 * import type { Policy } from '@svo/mdp';
 * import { dvoSearch, memoryJournal, replayJournal, search, uniformPrior } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 5, finish: 'answer' }] };
 * const rules = dvoSearch({ verifier: () => ({ equivalent: true, how: 'test' }), prior: uniformPrior });
 * const journal = memoryJournal();
 * await search({ question: { id: 'a', prompt: '2 + 3?' }, policy, rules, journal });
 * replayJournal(journal.bytes(), rules)[0]!.tree.values[0]; // => 1
 * ```
 */
export function replayJournal(
  bytes: Uint8Array,
  rules: Rules,
  options: { readonly name?: string } = {},
): ReplayedSearch[] {
  assertOptions('replayJournal', options, ['name']);
  const name = options.name ?? 'journal';
  const searches: (ReplayedSearch & { queue: number[] })[] = [];
  for (const { offset, bytes: payload } of readFrames(bytes, name).payloads) {
    const fail = (problem: string): FormatError =>
      new FormatError('replayJournal', name, offset, `an event ${problem}`);
    let event: JournalEvent;
    try {
      event = decodeEvent(payload);
    } catch (error) {
      throw fail(error instanceof Error ? error.message : String(error));
    }
    if (event.kind === 'begin') {
      const { lane, index, attempt, question, seed, leaves } = event;
      if (lane !== searches.length) throw fail(`begins search ${lane} where ${searches.length} is due`);
      if (event.rules !== rules.id) throw fail(`was made under the rules ${event.rules}, not ${rules.id}`);
      const now = rulesFingerprint(rules);
      const { different, unknown } = compareFingerprints(event.fingerprint ?? { rules: event.rules }, now);
      for (const part of different) {
        throw fail(`was made under ${part} ${event.fingerprint![part]}, not ${now[part]} (were the rules changed?)`);
      }
      const tree = createTree(question, { seed });
      tree.fingerprint = event.fingerprint;
      searches.push({ lane, index, attempt, question, leaves, unchecked: unknown, tree, queue: [] });
      continue;
    }
    const search = searches[event.lane];
    if (search === undefined) throw fail(`belongs to search ${event.lane}, which has not begun`);
    const { tree, queue } = search;
    if (event.kind === 'ask') {
      const leaf = ask(tree, rules);
      if (leaf !== event.leaf) {
        throw fail(`asks for node ${event.leaf} where the rules choose ${leaf} (were the rules changed?)`);
      }
      if (leaf !== undefined) queue.push(leaf);
      continue;
    }
    const kind = event.leaf < tree.size ? tree.statuses[event.leaf]! & KIND : undefined;
    if (kind !== IN_FLIGHT) {
      throw fail(
        `answers node ${event.leaf}, which ${kind === EXPANDED ? 'was answered already' : 'nobody asked for'}`,
      );
    }
    (event.kind === 'lost' ? lose : expand)(tree, rules, event.leaf, event.children, event.spent);
    queue.splice(queue.indexOf(event.leaf), 1);
  }
  return searches;
}
