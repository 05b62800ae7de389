import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { packState, unpackState } from './packed-state.ts';

describe('packState and unpackState', () => {
  it('take a tree apart and put it together', async () => {
    const tree = {
      a: { 'b/c': tf.tensor1d([1, 2]), n: 3 },
      list: [tf.tensor2d([[7]], [1, 1], 'int32'), null, 'text', true],
      gone: undefined,
    };
    const packed = await packState(tree);
    expect(Object.keys(packed.tensors).sort()).toEqual(['a/b/c', 'list/0']);
    const back = unpackState({ ...packed, json: JSON.parse(JSON.stringify(packed.json)) }) as typeof tree;
    expect([...back.a['b/c'].dataSync()]).toEqual([1, 2]);
    expect((back.list[0] as tf.Tensor).dtype).toBe('int32');
    expect([back.a.n, back.list.slice(1), 'gone' in back]).toEqual([3, [null, 'text', true], false]);
  });

  it('tell apart paths that read alike', async () => {
    const packed = await packState({ a: { 'b/c': tf.scalar(1) }, 'a/b': { c: tf.scalar(2) } });
    const back = unpackState(packed) as Record<string, Record<string, tf.Tensor>>;
    expect([back.a!['b/c']!.dataSync()[0], back['a/b']!.c!.dataSync()[0]]).toEqual([1, 2]);
  });

  it('refuse what would not come back as it was', async () => {
    await expect(packState({ a: { n: Number.POSITIVE_INFINITY } })).rejects.toThrow(
      'a.n must be a finite number, got Infinity',
    );
    await expect(packState({ a: { $tensor: 'x' } })).rejects.toThrow('a must not have a key named $tensor');
    expect(() => unpackState({ json: { $tensor: 'constructor' }, tensors: {} })).toThrow(
      'loadCheckpoint: tensor constructor is missing',
    );
  });
});
