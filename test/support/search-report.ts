/** A search over HTTP, the same in Node and in a page: what it draws, how it fails, and the bytes of its trees. */
import {
  bestResponse,
  dvoSearch,
  extractPairs,
  loadTree,
  memoryJournal,
  replayJournal,
  sampleTrajectories,
  saveTree,
  searchMany,
  stepBeamSearch,
  toHtml,
} from '@svo/mcts';
import { blankLineFormat, contentHash, type Policy, type Question } from '@svo/mdp';
import {
  createLedger,
  openaiPolicy,
  openaiScorer,
  openaiValueModel,
  sglangPolicy,
  withCache,
  withConcurrency,
  withRetry,
  withUsage,
} from '@svo/policy';

const questions: Question[] = Array.from({ length: 5 }, (_, i) => ({ id: `q${i}`, prompt: `${i} + 3? `, answer: '5' }));
const rules = dvoSearch({
  verifier: (_, response) => ({ equivalent: response.endsWith('5'), how: 'report' }),
  iterations: 12,
  breadth: 4,
});

const digest = (bytes: Uint8Array): string => contentHash(Array.from(bytes));

/** The trees of all questions by their bytes, and what can be made of them. */
const treesOf = async (policy: Policy): Promise<Record<string, unknown>> => {
  const journal = memoryJournal();
  const report: Record<string, unknown> = {};
  for await (const record of searchMany({ questions, policy, rules, seed: 3, leaves: 2, journal })) {
    if (record.kind !== 'tree') continue;
    const bytes = saveTree(record.tree);
    const tree = loadTree(bytes.slice());
    report[record.question.id] = {
      tree: digest(bytes),
      pairs: extractPairs(tree).length,
      trajectories: sampleTrajectories(tree).map(({ credits }) => credits),
      best: bestResponse(tree).best?.text,
      html: toHtml(tree).length,
    };
  }
  const replayed = replayJournal(journal.bytes(), rules).map(({ question, tree }) => [
    question.id,
    digest(saveTree(tree)),
  ]);
  return { ...report, replayed: Object.fromEntries(replayed.toSorted()) };
};

/** Asks `clean`, a server that works, `flaky`, which fails each request once, and `silent`, which never answers. */
export async function searchReport(clean: string, flaky: string, silent: string): Promise<Record<string, unknown>> {
  const served = { apiKey: 'sk-in-a-page-1234', model: 'toy' };
  const connect = { ...served, format: blankLineFormat };
  const [question] = questions as [Question];
  const state = { questionId: question.id, steps: ['Add two.\n\n'] };
  const request = { question, state, count: 3, seed: 9 };
  const ledger = createLedger();
  const tried = withUsage(
    withCache(withConcurrency(withRetry(openaiPolicy({ ...connect, url: flaky }), { baseMs: 1 }), 4)),
    ledger,
  );
  const valueModel = openaiValueModel({ ...served, url: clean });
  const waiting = new AbortController();
  setTimeout(() => waiting.abort(), 20);
  const failureOf = async (policy: Policy, signal?: AbortSignal): Promise<unknown> =>
    (await policy.propose(request, signal)).map(({ failure, count }) => [failure?.kind, count]);
  return {
    completions: await treesOf(openaiPolicy({ ...connect, url: clean })),
    streamed: await treesOf(openaiPolicy({ ...connect, url: clean, stream: true })),
    chat: await treesOf(openaiPolicy({ ...connect, url: clean, endpoint: 'chat', stream: true })),
    generate: await treesOf(sglangPolicy({ ...connect, url: clean })),
    retried: await treesOf(tried),
    retries: ledger.retries,
    scores: await openaiScorer({ ...served, url: clean }).score([{ question, state }]),
    values: await valueModel.values([{ question, state }]),
    beam: (await stepBeamSearch({ question, policy: tried, valueModel, beams: 2, samples: 3 })).best?.text,
    timeout: await failureOf(openaiPolicy({ ...connect, url: silent, timeoutMs: 30 })),
    cancelled: await failureOf(openaiPolicy({ ...connect, url: silent }), waiting.signal),
    nobody: await failureOf(openaiPolicy({ ...connect, url: 'http://127.0.0.1:9' })),
    wrongKey: await failureOf(openaiPolicy({ ...connect, apiKey: 'sk-another-5678', url: clean })),
  };
}
