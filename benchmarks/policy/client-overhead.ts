/**
 * What one request costs the client, in CPU time: `openaiPolicy` beside bare `fetch` with `JSON.parse` (the floor) and the
 * `openai` package (the peer), all against the same server in a process of its own. CPU time, since the wall clock belongs
 * to the server and to whoever else uses the machine.
 *
 *   OPENAI_SDK=…/node_modules/openai/index.mjs node --conditions=@svo/source client-overhead.ts
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { blankLineFormat } from '@svo/mdp';
import { openaiPolicy } from '@svo/policy';
import { fakeServer, plantedTree, servedTree } from '@svo/policy/testing';
import { machine, writeResults } from '../results.ts';

const tree = plantedTree({ seed: 7, branching: 8 });
const question = tree.question(0);
const state = { questionId: question.id, steps: [] };
const [requests, together, rounds] = [600, 16, 7];

if (process.argv[2] === 'serve') {
  const server = await fakeServer({ model: servedTree(tree, { runaway: 0 }), keepCalls: false });
  process.send!(server.url);
} else await measure();

async function measure(): Promise<void> {
  const child = fork(import.meta.filename, ['serve']);
  const [url] = (await once(child, 'message')) as [string];
  const body = { model: 'm', prompt: question.prompt, n: 5, max_tokens: 256, stop: ['\n\n'], logprobs: 1 };
  const policy = openaiPolicy({ url, model: 'm', format: blankLineFormat });
  const streaming = openaiPolicy({ url, model: 'm', format: blankLineFormat, stream: true });
  const clients: Record<string, (seed: number) => Promise<number>> = {
    'fetch and JSON.parse': async (seed) => {
      const response = await fetch(`${url}/v1/completions`, {
        method: 'POST',
        body: JSON.stringify({ ...body, seed }),
      });
      return ((await response.json()) as { choices: unknown[] }).choices.length;
    },
    openaiPolicy: async (seed) => (await policy.propose({ question, state, count: 5, seed })).length,
    'openaiPolicy, streaming': async (seed) => (await streaming.propose({ question, state, count: 5, seed })).length,
    ...(await openaiPackage(url, body)),
  };
  const costs: Record<string, number[]> = Object.fromEntries(Object.keys(clients).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, ask] of Object.entries(clients)) {
      const before = process.cpuUsage();
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < requests) if ((await ask(next++)) !== 5) throw new Error(`${name}: not five candidates`);
      };
      await Promise.all(Array.from({ length: together }, worker));
      const { user, system } = process.cpuUsage(before);
      // The first round warms up.
      if (round > 0) costs[name]!.push((user + system) / requests);
    }
  }
  child.kill();
  const rows = Object.entries(costs).map(([name, list]) => {
    const sorted = list.toSorted((a, b) => a - b);
    return { name, medianMicroseconds: sorted[sorted.length >> 1], lowest: sorted[0], highest: sorted.at(-1) };
  });
  console.table(rows);
  const setting = {
    candidates: 5,
    meanTokens: 40,
    requests,
    together,
    rounds,
    openai: process.env.OPENAI_VERSION ?? 'not given',
  };
  writeResults('policy-client-overhead', { machine, setting, rows });
}

async function openaiPackage(url: string, body: object): Promise<Record<string, (seed: number) => Promise<number>>> {
  if (process.env.OPENAI_SDK === undefined) {
    console.log('the openai package is not given (OPENAI_SDK), so it is not measured');
    return {};
  }
  const { default: OpenAI } = await import(process.env.OPENAI_SDK);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' });
  return {
    'openai package': async (seed) => (await client.completions.create({ ...body, seed })).choices.length,
  };
}
