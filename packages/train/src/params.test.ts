import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { copyParams, disposeTensors, mapParams, tensorsIn } from './params.ts';

describe('params', () => {
  it('copyParams copies every bit, signed zeros and integers included, into memory of its own', () => {
    const params = { w: tf.tensor1d([-0, 1e-40, 3]), n: tf.tensor1d([7], 'int32') };
    const copy = copyParams(params);
    expect([...new Uint32Array(copy.w!.dataSync().slice().buffer)]).toEqual([
      ...new Uint32Array(params.w.dataSync().slice().buffer),
    ]);
    expect(copy.n!.dtype).toBe('int32');
    expect(copy.w!.dataId).not.toBe(params.w.dataId);
    disposeTensors(params);
    expect(copy.w!.dataSync()[2]).toBe(3);
  });

  it('tensorsIn finds them at any depth, and takes arrays of numbers for what they are', () => {
    const [a, b] = [tf.scalar(1), tf.scalar(2)];
    expect(tensorsIn({ x: [a, { y: b }], data: new Float32Array(3), n: 1, none: null })).toEqual([a, b]);
  });

  it('disposeTensors spares what it is told to', () => {
    const [a, b] = [tf.scalar(1), tf.scalar(2)];
    disposeTensors({ a, b }, [{ kept: b }]);
    expect([a.isDisposed, b.isDisposed]).toEqual([true, false]);
  });

  it('mapParams keeps names and their order', () => {
    expect(Object.keys(mapParams({ z: tf.scalar(1), a: tf.scalar(2) }, (tensor) => tensor))).toEqual(['z', 'a']);
  });
});
