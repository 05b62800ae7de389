/** Values from whatever a training left in a folder. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors } from '@svo/files';
import { blankLineFormat, statePieces, type ValueModel } from '@svo/mdp';
import { download, type Params, tf, useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import { valueHead, valueNetwork } from '../decoder/head/value-head.ts';
import { idTensor, randomised, smallConfig } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { loadValueModel } from './load-value-model.ts';
import { savePretrained } from './pretrained.ts';
import { saveValueNetwork } from './value-folder.ts';

const tokenizer = characterTokenizer('ab\n');
const lm = causalLm(smallConfig);
const scratch = (): string => join(mkdtempSync(join(tmpdir(), 'svo-')), 'model');
const question = { id: 'q', prompt: 'ab' };
const state = { questionId: 'q', steps: ['ba\n\n'] };
/** The tokens of the question and a step. */
const tokensOf = (step: string): number[] =>
  statePieces(tokenizer)({ question, state: { ...state, steps: [step] } }).flat();
const saidBy = async (model: ValueModel): Promise<number> => (await model.values([{ question, state }]))[0]!;

beforeAll(async () => {
  await useBackend('cpu');
});

/** A policy's folder, with values beside it as `svo train` writes them. */
async function policyWith(extras: Params): Promise<{ readonly folder: string; readonly params: Params }> {
  const folder = scratch();
  const params = randomised(lm.init(1));
  await savePretrained(folder, { lm, params, tokenizer });
  writeFileSync(`${folder}-extras.safetensors`, encodeSafetensors(await download(extras)));
  return { folder, params };
}

test('a value network: V before the delimiter of the last step', async () => {
  const network = valueNetwork(smallConfig);
  const params = randomised(network.init(1));
  const folder = scratch();
  await saveValueNetwork(folder, { network, params, tokenizer });
  const said = network.tokenValues(params, idTensor([tokensOf('ba')])).dataSync();
  expect(await saidBy(await loadValueModel(folder, { format: blankLineFormat }))).toBeCloseTo(said.at(-1)!, 6);
});

test('a head beside a policy reads the policy’s own states; a decoder that is there already is used', async () => {
  const head = valueHead(lm);
  const extras = randomised(head.init(2));
  const { folder, params } = await policyWith(extras);
  const said = head
    .tokenValues({ ...params, ...extras }, idTensor([tokensOf('ba')]))
    .dataSync()
    .at(-1)!;
  expect(await saidBy(await loadValueModel(folder, { format: blankLineFormat }))).toBeCloseTo(said, 6);
  const { numTensors } = tf.memory();
  const shared = await loadValueModel(folder, { format: blankLineFormat, loaded: { lm, params } });
  expect(tf.memory().numTensors - numTensors).toBe(2);
  expect(await saidBy(shared)).toBeCloseTo(said, 6);
});

test('a network beside a policy is read at the last token, the delimiter included', async () => {
  const network = valueNetwork(smallConfig);
  const params = randomised(network.init(3));
  const named = Object.fromEntries(Object.entries(params).map(([name, value]) => [`value_network.${name}`, value]));
  const { folder } = await policyWith(named);
  const said = network
    .tokenValues(params, idTensor([tokensOf('ba\n\n')]))
    .dataSync()
    .at(-1)!;
  expect(await saidBy(await loadValueModel(folder, { format: blankLineFormat }))).toBeCloseTo(said, 6);
});

test('what says no values, or not of this model, is refused by its file', async () => {
  const { folder } = await policyWith({});
  await expect(loadValueModel(folder)).rejects.toThrow(/must be a value network .* got a policy alone/);
  const wrong = { 'value_head.weight': tf.zeros([1, 3]), 'value_head.bias': tf.zeros([1]) };
  const narrow = await policyWith(wrong);
  await expect(loadValueModel(narrow.folder)).rejects.toThrow(
    /model-extras\.safetensors: params\['value_head\.weight'\] must be \[1,16\], got \[1,3\]/,
  );
  const partly = await policyWith({ 'value_network.value_head.weight': tf.zeros([1, 16]) });
  await expect(loadValueModel(partly.folder)).rejects.toThrow(/params\['model\.embed_tokens\.weight'\] must be/);
  const broken = await policyWith({});
  writeFileSync(`${broken.folder}-extras.safetensors`, 'no tensors');
  await expect(loadValueModel(broken.folder)).rejects.toThrow(/model-extras\.safetensors: /);
  const bare = scratch();
  const network = valueNetwork(smallConfig);
  await saveValueNetwork(bare, { network, params: network.init(1) });
  await expect(loadValueModel(bare)).rejects.toThrow(/must have a tokenizer\.json/);
  await expect(loadValueModel('/nowhere/model')).rejects.toThrow(/holds no config\.json/);
});
