/** What a model on this machine is known by: journals and caches compare ids, and a caller's word alone says too little. */
import { contentHash } from '@svo/mdp';
import { type Params, readNumbers, tf } from '@svo/tensor';

/** Numbers looked at in each weight: an update of the optimizer moves nearly all of them. */
const LOOKED_AT = 8;

const shortOf = (value: unknown): string => contentHash(value).slice(0, 12);

/** A few numbers from the middle of each weight; their shapes alone where reading one means to wait for the GPU. */
const looked = (params: Params): unknown =>
  Object.keys(params)
    .sort()
    .map((name) => {
      const weight = params[name]!;
      if (tf.getBackend() === 'webgpu') return [name, weight.shape];
      const count = Math.min(LOOKED_AT, weight.size);
      const numbers = tf.tidy(() =>
        Array.from(readNumbers(tf.slice(tf.reshape(weight, [-1]), [(weight.size - count) >> 1], [count])), String),
      );
      return [name, weight.shape, numbers];
    });

/** The caller's id with a hash of the settings and of some of the weights: the same under every backend but WebGPU. */
export const localId = (id: string, settings: Readonly<Record<string, unknown>>, params: Params): string =>
  `${id}:${shortOf({ ...settings, weights: looked(params) })}`;
