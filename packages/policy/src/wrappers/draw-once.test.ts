import { blankLineFormat, type ProposeRequest } from '@svo/mdp';
import { fakeServer, plantedTree } from '@svo/policy/testing';
import { expect, it } from 'vitest';
import { openaiPolicy } from '../servers/openai/openai-policy.ts';
import { sglangPolicy } from '../servers/sglang/sglang-policy.ts';
import { countOf } from './candidates.ts';
import { drawOnce } from './draw-once.ts';
import { receiptOf } from './receipts.ts';

const tree = plantedTree({ seed: 1 });
const ask = (count: number, seed = 1): ProposeRequest => ({
  question: tree.question(0),
  state: { questionId: tree.question(0).id, steps: [] },
  count,
  seed,
});

it('stands for as many draws as were asked for, and costs one', async () => {
  const [one] = await tree.policy.propose(ask(1));
  const answer = await drawOnce(tree.policy).propose(ask(5));
  expect(answer).toEqual([{ ...one, count: 5 }]);
  expect(receiptOf(answer).completionTokens).toBe(1);
  const many = await drawOnce(tree.policy).proposeMany!([ask(2), ask(3, 2)]);
  expect(many.map(countOf)).toEqual([2, 3]);
});

it('is how a server is asked at temperature 0, and only there', async () => {
  const server = await fakeServer();
  const options = { url: server.url, model: 'toy', format: blankLineFormat };
  expect(await openaiPolicy({ ...options, temperature: 0 }).propose(ask(4))).toMatchObject([{ count: 4 }]);
  expect(server.calls.at(-1)!.body.n).toBe(1);
  expect(await sglangPolicy({ ...options, temperature: 0 }).propose(ask(4))).toMatchObject([{ count: 4 }]);
  expect(server.calls.at(-1)!.body.text).toHaveLength(1);
  await openaiPolicy({ ...options, temperature: 0.1 }).propose(ask(4));
  expect(server.calls.at(-1)!.body.n).toBe(4);
  await server.close();
});

it('keeps a failure for what it is, of all draws', async () => {
  const server = await fakeServer({ faults: () => ({ kind: 'status', status: 500 }) });
  const policy = openaiPolicy({ url: server.url, model: 'toy', format: blankLineFormat, temperature: 0 });
  expect(await policy.propose(ask(4))).toMatchObject([{ count: 4, failure: { kind: 'server' } }]);
  await server.close();
});
