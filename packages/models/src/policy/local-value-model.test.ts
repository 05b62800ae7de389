import { gsm8kFormat, initialState, transition } from '@svo/mdp';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { valueNetwork } from '../decoder/head/value-head.ts';
import { idTensor, randomised, smallConfig } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { localValueModel } from './local-value-model.ts';

const tokenizer = characterTokenizer('0123456789+#? \n');
const head = valueNetwork({ ...smallConfig, vocab_size: tokenizer.vocabularySize });
const question = { id: 'q', prompt: '1+2?\n' };
const states = [
  initialState(question),
  transition(initialState(question), '1+2=3\n'),
  transition(transition(initialState(question), '1+2\n'), '# 3\n'),
  initialState(question),
];

beforeAll(async () => {
  await useBackend('cpu');
});

test('the value at a state’s last token, whatever else is asked for', async () => {
  const params = randomised(head.init(1));
  const before = tf.memory().numTensors;
  const model = localValueModel({ head, params, tokenizer, id: 'v' });
  const requests = states.map((state) => ({ question, state }));
  const values = await model.values(requests);
  expect(tf.memory().numTensors).toBe(before);
  for (const [index, state] of states.entries()) {
    const ids = [tokenizer.bosId!, ...tokenizer.encode(question.prompt + state.steps.join(''))];
    const expected = head
      .tokenValues(params, idTensor([ids]))
      .dataSync()
      .at(-1)!;
    expect(values[index]).toBeCloseTo(expected, 5);
  }
  expect(values[0]).toBe(values[3]);
  const small = localValueModel({ head, params, tokenizer, id: 'v', batchTokens: 1 });
  (await small.values(requests)).forEach((value, index) => {
    expect(value).toBeCloseTo(values[index]!, 6);
  });
});

test('with a format the last step is read without its delimiter, as training scores it', async () => {
  const params = randomised(head.init(1));
  const model = localValueModel({ head, params, tokenizer, id: 'v', format: gsm8kFormat });
  const [value] = await model.values([{ question, state: states[1]! }]);
  const ids = [tokenizer.bosId!, ...tokenizer.encode('1+2?\n1+2=3\n')];
  expect(value).toBeCloseTo(
    head
      .tokenValues(params, idTensor([ids]))
      .dataSync()
      .at(-2)!,
    5,
  );
});

test('values come out as the head makes them: linear where it is, and equal alone where angles follow the length', async () => {
  const rope_scaling = { type: 'dynamic', factor: 2 };
  const config = { ...smallConfig, vocab_size: tokenizer.vocabularySize, max_position_embeddings: 4, rope_scaling };
  const [linear, bounded] = [valueNetwork(config, 'identity'), valueNetwork(config)];
  const params = randomised(linear.init(1));
  const valuesOf = (network: typeof linear) => localValueModel({ head: network, params, tokenizer, id: 'v' });
  const requests = states.map((state) => ({ question, state }));
  const values = await valuesOf(linear).values(requests);
  expect((await valuesOf(bounded).values(requests)).map((value) => value.toFixed(5))).toEqual(
    values.map((value) => Math.tanh(value).toFixed(5)),
  );
  for (const [index, request] of requests.entries())
    expect((await valuesOf(linear).values([request]))[0]).toBeCloseTo(values[index]!, 6);
});

test('nothing asked, nothing answered; aborted calls and foreign states reject', async () => {
  const model = localValueModel({ head, params: head.init(1), tokenizer, id: 'v' });
  expect(await model.values([])).toEqual([]);
  await expect(model.values([{ question, state: states[0]! }], AbortSignal.abort(new Error('enough')))).rejects.toThrow(
    'enough',
  );
  await expect(model.values([{ question, state: { questionId: 'p', steps: [] } }])).rejects.toThrow(
    /must belong to question 'q'/,
  );
});
