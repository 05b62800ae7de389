/**
 * `openaiPolicy` against real servers over one tiny model: llama.cpp's `llama-server`, and `transformers serve` over a
 * folder that `@svo/models` saved. What each server can and can't do is asked of it, not assumed.
 *
 *   python tiny-model.py DIR
 *   MODEL=DIR LLAMA_SERVER=…/llama-server TRANSFORMERS=…/bin/transformers node --conditions=@svo/source real-server.ts
 *
 * A server whose program is not given is skipped, and the result says so.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dvoSearch, searchMany, treeSummary, uniformPrior } from '@svo/mcts';
import { blankLineFormat, type Candidate, type Question } from '@svo/mdp';
import { loadPretrained, savePretrained } from '@svo/models';
import {
  createLedger,
  type OpenaiPolicyOptions,
  openaiPolicy,
  openaiScorer,
  withConcurrency,
  withRetry,
  withUsage,
} from '@svo/policy';
import { useBackend } from '@svo/tensor';
import { mathVerifier } from '@svo/verify';
import { machine, writeResults } from '../results.ts';
import { confirmServer, confirmValues } from './confirm-server.ts';
import { ownModel } from './own-model.ts';

const model = process.env.MODEL;
if (model === undefined) throw new Error('real-server: MODEL must name the folder that tiny-model.py wrote');
const apiKey = 'sk-real-server-key-7341';

const backend = await useBackend('auto');
const ours = await loadPretrained(model);
const own = ownModel(ours);
const saved = await mkdtemp(`${tmpdir()}/svo-real-server-`);
await savePretrained(saved, {
  lm: ours.lm,
  params: ours.params,
  ...(ours.tokenizer === undefined ? {} : { tokenizer: ours.tokenizer }),
});
for (const file of ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'generation_config.json']) {
  await cp(`${model}/${file}`, `${saved}/${file}`);
}

interface Server {
  readonly name: string;
  readonly version: string;
  readonly program: string | undefined;
  readonly args: (port: number) => string[];
  readonly options: Omit<OpenaiPolicyOptions, 'url' | 'format'>;
  readonly checksKey: boolean;
  /** Whether it has `n`, a seed a request and log-probs, all of which are then confirmed. */
  readonly logps: boolean;
  /** A server of values: only those are asked of it. */
  readonly values?: true;
  /** Questions to search: the transformers server answers one request at a time, each in some tenths of a second. */
  readonly searched: number;
}

const servers: Server[] = [
  {
    name: 'llama.cpp llama-server',
    version: 'v0.5.0 (libraries of @node-llama-cpp/linux-x64 3.22.1)',
    program: process.env.LLAMA_SERVER,
    args: (port) => llamaArgs(port),
    options: { model: 'tiny', apiKey },
    checksKey: true,
    logps: true,
    searched: 24,
  },
  {
    name: 'llama.cpp llama-server --embeddings',
    version: 'v0.5.0',
    program: process.env.LLAMA_SERVER,
    args: (port) => [...llamaArgs(port), '--embeddings', '--pooling', 'last'],
    options: { model: 'tiny', apiKey },
    checksKey: true,
    logps: false,
    values: true,
    searched: 0,
  },
  {
    name: 'transformers serve',
    version: '5.18.0',
    program: process.env.TRANSFORMERS,
    args: (port) => ['serve', saved, '--host', '127.0.0.1', '--port', `${port}`, '--device', 'cpu'],
    options: { model: saved, logps: 'none', fanOut: true, continueFlag: false, id: 'transformers' },
    checksKey: false,
    logps: false,
    searched: 3,
  },
];

const questions: Question[] = Array.from({ length: 24 }, (_, index) => {
  const [a, b, c] = [1 + ((index * 7) % 20), 1 + ((index * 11) % 20), 1 + ((index * 13) % 20)];
  return { id: `q${index}`, prompt: `Question: ${a} + ${b} + ${c} = ?\n\n`, answer: `${a! + b! + c!}` };
});
const [question] = questions as [Question];
const start = { questionId: question.id, steps: [] as string[] };

/** What must hold on a server for it to count as supported; the script fails where one does not. */
const confirmed: Record<string, Record<string, boolean>> = {};

/** What a server did, under a name; an error counts as a result too. */
const report: Record<string, Record<string, unknown>> = {};

for (const server of servers) {
  const facts: Record<string, unknown> = { version: server.version };
  report[server.name] = facts;
  if (server.program === undefined) {
    facts.skipped = 'no program given';
    console.log(`${server.name}: skipped, no program given`);
    continue;
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(server.program, server.args(port), {
    stdio: 'ignore',
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
  });
  try {
    await listening(url);
    if (server.values) {
      const { held, values } = await confirmValues(question, { ...server.options, url });
      confirmed[server.name] = held;
      facts.values = values;
      facts.confirmed = held;
    } else await examine(url, server, facts);
    if (server.logps) {
      const { held, scoring } = await confirmServer(question, { ...server.options, url }, own);
      confirmed[server.name] = held;
      facts['scoring by forced tokens'] = scoring;
      facts.confirmed = held;
    }
  } finally {
    child.kill('SIGKILL');
  }
  console.log(server.name, JSON.stringify(facts, null, 1));
}

function llamaArgs(port: number): string[] {
  const gguf = `${model}/tiny.gguf`;
  const place = ['--host', '127.0.0.1', '--port', `${port}`, '--api-key', apiKey];
  return ['-m', gguf, ...place, '-np', '8', '-c', '4096', '-t', '1'];
}

async function examine(url: string, server: Server, facts: Record<string, unknown>): Promise<void> {
  const create = (options: Partial<OpenaiPolicyOptions>): ReturnType<typeof openaiPolicy> =>
    openaiPolicy({ ...server.options, url, format: blankLineFormat, maxTokens: 40, ...options });
  const shapes = [
    ['completions', {}],
    ['completions, streaming', { stream: true }],
    ['chat', { endpoint: 'chat' }],
    ['chat, streaming', { endpoint: 'chat', stream: true }],
  ] as const;
  for (const [name, options] of shapes) {
    const policy = create(options);
    const first = await policy.propose({ question, state: start, count: 4, seed: 11 });
    const again = await policy.propose({ question, state: start, count: 4, seed: 11 });
    const steps = [first.find(({ finish }) => finish === 'step')?.text ?? '1 + 1 = 2\n\n'];
    const next = await policy.propose({ question, state: { ...start, steps }, count: 4, seed: 12 });
    facts[name] = {
      first: describeAll(first),
      next: describeAll(next),
      sameSeedSameTexts: JSON.stringify(first.map(textOf)) === JSON.stringify(again.map(textOf)),
      ...(server.options.logps === 'none'
        ? {}
        : { largestLogpDifferenceToOurs: await own.largestDifference(question, first) }),
    };
  }
  facts['n in one request'] = describeAll(
    await create({ fanOut: false }).propose({ question, state: start, count: 4, seed: 1 }),
  );
  facts['log-probs asked of it'] = describeAll(
    await create({ logps: 'required' }).propose({ question, state: start, count: 1, seed: 1 }),
  );
  const scorer = openaiScorer({
    ...(server.options.apiKey === undefined ? {} : { apiKey }),
    model: server.options.model,
    url,
  });
  const [score] = await scorer.score([{ question, state: { ...start, steps: ['1 + 1 = 2\n\n'] } }]);
  facts['scoring by echo'] = score!.failure ?? score!.logps;
  if (server.checksKey) {
    const [refused] = await create({ apiKey: 'sk-wrong-key-991' }).propose({
      question,
      state: start,
      count: 1,
      seed: 1,
    });
    facts['wrong key'] = refused!.failure;
    facts['a key in any result'] = JSON.stringify([report]).includes('sk-');
  }
  facts['a prompt too long'] =
    (
      await create({}).propose({
        question: { ...question, prompt: '1 + '.repeat(4000) },
        state: start,
        count: 1,
        seed: 1,
      })
    )[0]!.failure ?? 'answered';
  const controller = new AbortController();
  const cancelled = create({ maxTokens: 400 }).propose(
    { question, state: start, count: 4, seed: 1 },
    controller.signal,
  );
  setTimeout(() => controller.abort(), 5);
  facts.cancelled = describeAll(await cancelled);
  facts.search = await searchAll(withRetry(withConcurrency(create({}), 8)), server);
}

async function searchAll(policy: ReturnType<typeof openaiPolicy>, server: Server): Promise<unknown> {
  const bare = server.options.logps === 'none';
  const asked = questions.slice(0, server.searched);
  const ledger = createLedger();
  const rules = dvoSearch({
    verifier: mathVerifier,
    iterations: 8,
    breadth: 4,
    ...(bare ? { prior: uniformPrior } : {}),
  });
  const began = performance.now();
  let solved = 0;
  let correct = 0;
  for await (const record of searchMany({
    questions: asked,
    policy: withUsage(policy, ledger),
    rules,
    seed: 1,
    trees: 8,
    order: 'free',
  })) {
    if (record.kind !== 'tree') continue;
    const { outcomes } = treeSummary(record.tree);
    correct += outcomes.correct;
    if (outcomes.correct > 0) solved++;
  }
  return {
    questions: asked.length,
    solved,
    correctTerminals: correct,
    seconds: (performance.now() - began) / 1000,
    ledger,
  };
}

function textOf({ text }: Candidate): string {
  return text;
}

function describeAll(candidates: readonly Candidate[]): unknown {
  return candidates.map(({ text, finish, count, logps, failure }) =>
    failure === undefined
      ? `${finish} ×${count}, ${logps?.length ?? 'no'} log-probs: ${JSON.stringify(text)}`
      : `${failure.kind} ×${count}: ${failure.message.slice(0, 160)}`,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function listening(url: string): Promise<void> {
  for (let second = 0; second < 120; second++) {
    const health = await fetch(`${url}/health`).catch(() => undefined);
    if (health?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error(`real-server: nothing answers at ${url} after two minutes`);
}

writeResults('policy-real-server', { machine: { ...machine, backend: backend.backend }, servers: report });
const failed = Object.entries(confirmed).flatMap(([name, held]) =>
  Object.entries(held).flatMap(([what, holds]) => (holds ? [] : [`${name}: ${what}`])),
);
console.log(failed.length === 0 ? 'all confirmed' : `not confirmed:\n${failed.join('\n')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
