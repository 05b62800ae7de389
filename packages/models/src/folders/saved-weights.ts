/** The numbers that are saved of a model: parameters as they are, frozen matrices as the float32 numbers they stand for, adapters added where that is asked for. */
import { storedNumbers } from '@svo/files';
import { tf } from '@svo/tensor';
import { checkAdapterRank } from '../decoder/adapter-rank.ts';
import type { Decoder, FrozenMatrices } from '../decoder/decoder-record.ts';
import { withAdapter } from '../decoder/lora.ts';
import { checkParameters, type Params } from '../decoder/parameters.ts';

/** Tensors by name, whose numbers are made when they are asked for: one at a time is held. */
export interface SavedWeights {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly numbers: (name: string) => Promise<Float32Array>;
}

/** Where the numbers come from. */
export interface WeightSource {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly params: Params;
  readonly frozen?: FrozenMatrices;
  /** r and α / r of the adapters among `params` that are to be added; none are without it. */
  readonly adapters?: Decoder['adapters'] | undefined;
}

const adapter = /\.lora_[AB]\.weight$/;

/** Every adapter has its other half and a matrix that it is added to. */
const checkAdapters = (source: string, params: Params, shapes: WeightSource['shapes'], rank: number): void => {
  for (const name of Object.keys(params).filter((one) => adapter.test(one))) {
    const stem = name.replace(adapter, '');
    const other = `${stem}.lora_${name.includes('.lora_A.') ? 'B' : 'A'}.weight`;
    if (!params[other]) throw new RangeError(`${source}: ${name} has no other half ${other}`);
    if (!shapes[`${stem}.weight`]) throw new RangeError(`${source}: ${name} belongs to no matrix of the model`);
    if (name.includes('.lora_A.')) checkAdapterRank(source, rank, stem, params[name]!);
  }
};

/**
 * The weights to save.
 * @throws RangeError where a parameter is missing or has another shape, or an adapter that is to be added belongs nowhere
 */
export const savedWeights = (source: string, { shapes, params, frozen = {}, adapters }: WeightSource): SavedWeights => {
  checkParameters(source, params, Object.fromEntries(Object.entries(shapes).filter(([name]) => !(name in frozen))));
  if (adapters) checkAdapters(source, params, shapes, adapters.rank);
  const numbers = async (name: string): Promise<Float32Array> => {
    const values = frozen[name] ? storedNumbers(frozen[name]) : ((await params[name]!.data()) as Float32Array);
    const stem = name.replace(/\.weight$/, '');
    const [down, up] = [params[`${stem}.lora_A.weight`], params[`${stem}.lora_B.weight`]];
    if (!adapters || !down || !up) return values;
    const merged = tf.tidy(() =>
      withAdapter(tf.tensor(values, [...shapes[name]!], 'float32'), down, up, adapters.scale),
    );
    try {
      return (await merged.data()) as Float32Array;
    } finally {
      merged.dispose();
    }
  };
  return { shapes, numbers };
};
