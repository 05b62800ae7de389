import { expect, test } from 'vitest';
import { onBackend } from './test-support/on-backend.ts';
import { tf } from './tf.ts';
import { download, upload } from './transfer.ts';

onBackend('upload, download', () => {
  test('a round trip keeps names, types, shapes and numbers', async () => {
    const batch = {
      ids: { data: new Int32Array([1, -1, 3, 4]), shape: [2, 2] },
      mask: { data: new Float32Array([1, 0.5]), shape: [2] },
    };
    const tensors = upload(batch);
    expect([tensors.ids.dtype, tensors.mask.dtype]).toEqual(['int32', 'float32']);
    expect(await download(tensors)).toEqual(batch);
  });

  test('a bool comes back as 0 and 1', async () => {
    expect((await download({ flag: tf.tensor1d([true, false], 'bool') })).flag.data).toEqual(new Int32Array([1, 0]));
  });

  test('errors: an array that does not fill its shape', () => {
    const call = () => upload({ mask: { data: new Float32Array(3), shape: [2, 2] } });
    expect(call).toThrow(RangeError);
    expect(call).toThrow('upload: mask of shape [2, 2] needs 4 numbers, got 3');
  });
});
