/** A model from a GGUF file. */
import { readableGgmlTypes } from '@svo/files';
import { lmOf } from '../decoder/causal-lm.ts';
import { parseConfig } from '../decoder/config/config.ts';
import { type Checkpoint, decoder } from '../decoder/decoder-record.ts';
import { parameterShapes } from '../decoder/parameters.ts';
import { readModel, type WeightWidth } from '../folders/frozen-weights.ts';
import type { Pretrained } from '../folders/loaded-model.ts';
import { halfDtype } from '../folders/stored-variants.ts';
import { checkWeights, type LocatedTensor, readElements } from '../folders/stored-weights.ts';
import { configFromGguf } from './config-from-gguf.ts';
import { type GgufFamily, headDimOf } from './families/gguf-family.ts';
import { familyInFile } from './families/index.ts';
import { type GgufContent, readGguf } from './gguf-file.ts';
import { type MetadataKeys, metadataKeys } from './metadata-keys.ts';
import { factorTensors, type RopeFactors, rotatedIn } from './rope-metadata.ts';
import { expertsInGguf, isKernel, isNorm, isRotated, nameFromGguf } from './tensor-names.ts';
import { tokenizerFromGguf } from './tokenizer-from-gguf.ts';

/** The factors of the rotary frequencies, where the file has them. */
const factorsIn = async ({ tensors }: GgufContent, keys: MetadataKeys): Promise<RopeFactors> => {
  const factors: Record<string, Float32Array> = {};
  const { architecture } = familyInFile(keys);
  for (const [kind, name] of Object.entries(factorTensors)) {
    const stored = tensors.get(name);
    if (!stored) continue;
    const half = rotatedIn(keys, architecture, headDimOf(keys, architecture)) / 2;
    if (stored.dtype !== 'F32' || stored.shape.join() !== String(half))
      return keys.fail(`${name} must be F32 [${half}], got ${stored.dtype} [${stored.shape}]`);
    factors[kind] = await readElements(stored, name);
  }
  if (Boolean(factors.short) !== Boolean(factors.long))
    return keys.fail(`has one of ${factorTensors.short} and ${factorTensors.long}, needs both`);
  return factors;
};

/** As many as a config may have. */
const mostExperts = 4096;

/** A stack of matrices as one tensor each, where its bytes are. */
const unstacked = (tensor: LocatedTensor, nameOf: (expert: number) => string): [string, LocatedTensor][] => {
  const [count = 0, ...shape] = tensor.shape;
  const bytes = (tensor.end - tensor.start) / count;
  return Array.from({ length: count }, (_, expert) => {
    const start = tensor.start + expert * bytes;
    return [nameOf(expert), { ...tensor, shape, start, end: start + bytes }];
  });
};

/**
 * Tensors under Hugging Face's names: queries and keys with the number of heads their rows must be put in order by, norms with what is
 * taken off them, experts one by one.
 */
const renamed = (
  { tensors }: GgufContent,
  family: GgufFamily,
  { heads, keyValueHeads }: { readonly heads: number; readonly keyValueHeads: number },
): ReadonlyMap<string, LocatedTensor> =>
  new Map(
    [...tensors].flatMap(([theirs, tensor]): [string, LocatedTensor][] => {
      const experts = expertsInGguf(theirs);
      if (experts && tensor.shape.length === 3 && tensor.shape[0]! <= mostExperts) return unstacked(tensor, experts);
      const name = nameFromGguf(family, theirs);
      if (isKernel(name) && tensor.shape.length === 2)
        return [[name, { ...tensor, shape: [tensor.shape[0]!, 1, tensor.shape[1]!] }]];
      if (family.normOffset && isNorm(name)) return [[name, { ...tensor, offset: family.normOffset }]];
      if (!family.pairedRows || !isRotated(name)) return [[name, tensor]];
      return [[name, { ...tensor, pairedHeads: name.includes('.q_proj.') ? heads : keyValueHeads }]];
    }),
  );

/** Those of `loadPretrained`, settled. */
interface LoadGgufOptions {
  readonly roundFrequencies: boolean;
  readonly checkpoint: Checkpoint;
  readonly weights: WeightWidth;
}

/**
 * Loads the model of a GGUF file. Everything is checked before a weight is read; weights are read one at a time.
 * @throws RangeError naming the file and what is wrong with it
 */
export const loadGguf = async (
  path: string,
  { roundFrequencies, checkpoint, weights }: LoadGgufOptions,
): Promise<Pretrained> => {
  const content = await readGguf(path);
  const keys = metadataKeys(content.metadata, path);
  const config = configFromGguf(keys, {
    shapeOf: (name) => content.tensors.get(name)?.shape,
    factors: await factorsIn(content, keys),
  });
  const architecture = parseConfig(config, path);
  const stored = renamed(content, familyInFile(keys), architecture);
  const expected = parameterShapes(architecture);
  checkWeights(`loadPretrained: ${path}`, stored, expected, readableGgmlTypes);
  const tokenizer = tokenizerFromGguf(keys, architecture.eosIds);
  if (tokenizer && tokenizer.vocabularySize > architecture.vocabSize)
    keys.fail(`has ${tokenizer.vocabularySize} tokens for an embedding of ${architecture.vocabSize}`);
  const roundedTo = roundFrequencies ? halfDtype(stored) : undefined;
  const rope = { ...architecture.rope, ...(roundedTo && { roundedTo }) };
  const { params, frozen } = await readModel(stored, architecture, weights);
  const ignored = [...stored.keys()].filter(
    (name) => !(name in expected) && !Object.values(factorTensors).includes(name),
  );
  const lm = lmOf(config, decoder({ ...architecture, rope }, { checkpoint }, frozen));
  return { lm, params, ignored, ...(tokenizer && { tokenizer }) };
};
