import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '@svo/files';
import { useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { valueNetwork } from '../decoder/head/value-head.ts';
import { idTensor, randomised, smallConfig } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { savePretrained } from './pretrained.ts';
import { loadValueNetwork, saveValueNetwork } from './value-folder.ts';

const scratch = (): string => join(mkdtempSync(join(tmpdir(), 'svo-')), 'value');
const ids = [[3, 9, 4, 7, 1, 12]];

beforeAll(async () => {
  await useBackend('cpu');
});

describe('value networks as folders', () => {
  test.each(['tanh', 'identity'] as const)('come back bit for bit, %s and tokenizer included', async (activation) => {
    const network = valueNetwork(smallConfig, activation);
    const params = randomised(network.init(1));
    const folder = scratch();
    await saveValueNetwork(folder, { network, params, tokenizer: characterTokenizer('abc'), shardBytes: 3000 });
    const again = await loadValueNetwork(folder);
    expect(Object.keys(again.params).toSorted()).toEqual(Object.keys(params).toSorted());
    const before = network.tokenValues(params, idTensor(ids)).dataSync();
    expect(again.network.tokenValues(again.params, idTensor(ids)).dataSync()).toEqual(before);
    expect(again.tokenizer?.encode('b')).toEqual([5]);
  });

  test('a head without a bias, as reward models have', async () => {
    const network = valueNetwork(smallConfig, 'identity');
    const folder = scratch();
    await saveValueNetwork(folder, { network, params: randomised(network.init(1)) });
    const path = join(folder, 'model.safetensors');
    const { 'score.bias': _, ...rest } = decodeSafetensors(readFileSync(path)).tensors;
    writeFileSync(path, encodeSafetensors(rest));
    expect([...(await loadValueNetwork(folder)).params['value_head.bias']!.dataSync()]).toEqual([0]);
  });

  test('a folder that is no value network', async () => {
    const { lm } = valueNetwork(smallConfig);
    const folder = scratch();
    await savePretrained(folder, { lm, params: lm.init(1) });
    await expect(loadValueNetwork(folder)).rejects.toThrow(/score.weight is missing/);
    await expect(saveValueNetwork(folder, { network: valueNetwork(smallConfig), params: lm.init(1) })).rejects.toThrow(
      /params\['score.weight'\] must be \[1,16\], got nothing/,
    );
  });
});
