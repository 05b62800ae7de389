/** A model as a GGUF file: what was trained here runs in llama.cpp, Ollama and LM Studio. */
import { type GgufSource, ggufChunks, type WritableGgmlType, writeWhole } from '@svo/files';
import { assertOptions } from '@svo/mdp';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Architecture } from '../decoder/config/architecture.ts';
import type { Params } from '../decoder/parameters.ts';
import { checkSaved } from '../folders/check-saved.ts';
import type { SavedWeights } from '../folders/saved-weights.ts';
import { grouped } from '../grouped.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import type { GgufFamily } from './families/gguf-family.ts';
import { familyForFile } from './families/index.ts';
import { metadataOfModel, ropeFactors, string } from './metadata-of-model.ts';
import { factorTensors, type RopeFactors } from './rope-metadata.ts';
import { isKernel, isNorm, isRotated, nameToGguf, reordered, stackOfExpert } from './tensor-names.ts';
import { metadataOfTokenizer } from './tokenizer-metadata.ts';

/** What to save and how. */
export interface SaveGgufOptions {
  readonly lm: CausalLm;
  readonly params: Params;
  /** Goes into the file with its chat template; without it llama.cpp can be given ids alone. */
  readonly tokenizer?: Tokenizer | undefined;
  /** How matrices are stored: F16 by default, BF16, Q8_0 or Q4_0 (8 or 4 bits and a scale a block of 32), or F32. Norms and biases are F32, as llama.cpp wants them. */
  readonly dtype?: WritableGgmlType;
  /** Add the adapters among `params` to the matrices they belong to, as they are written; see `savePretrained`. False by default: adapters are left out. */
  readonly mergeAdapters?: boolean;
  /** `general.name`; the file's own by default. */
  readonly name?: string;
}

/** A matrix is stored as asked; where its rows are no whole blocks, in F16. */
const dtypeOf = (shape: readonly number[], dtype: WritableGgmlType): WritableGgmlType => {
  if (shape.length < 2) return 'F32';
  return (dtype === 'Q8_0' || dtype === 'Q4_0') && shape.at(-1)! % 32 !== 0 ? 'F16' : dtype;
};

const checkDtype = (dtype: WritableGgmlType): void => {
  if (!['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0'].includes(dtype))
    throw new RangeError(`saveGguf: dtype must be F32, F16, BF16, Q8_0 or Q4_0, got ${String(dtype)}`);
};

/** A parameter's numbers as the file has them: rows of heads paired, norms with what the family adds to them. */
const numbersInFile = async (
  { pairedRows, normOffset = 0 }: GgufFamily,
  { heads, keyValueHeads }: Architecture,
  { shapes, numbers }: SavedWeights,
  name: string,
): Promise<Float32Array> => {
  const values = await numbers(name);
  if (normOffset !== 0 && isNorm(name)) return values.map((value) => value + normOffset);
  if (!pairedRows || !isRotated(name)) return values;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const rows = { rows: shapes[name]![0]!, heads: name.includes('.q_proj.') ? heads : keyValueHeads };
  return new Float32Array(reordered(bytes, rows, 'neighbours').buffer);
};

/** The numbers of several parameters behind one another. */
const stacked = async ({ shapes, numbers }: SavedWeights, names: readonly string[]): Promise<Float32Array> => {
  const size = shapes[names[0]!]!.reduce((product, extent) => product * extent, 1);
  const all = new Float32Array(size * names.length);
  for (const [index, name] of names.entries()) all.set(await numbers(name), index * size);
  return all;
};

const sourcesOf = (architecture: Architecture, weights: SavedWeights, dtype: WritableGgmlType): GgufSource[] => {
  const family = familyForFile(architecture);
  const shapes = Object.entries(weights.shapes);
  // A router is small, and which experts a token visits must not hang on a rounding; llama.cpp multiplies by kernels in float32 alone.
  const stored = (name: string, shape: readonly number[]): WritableGgmlType =>
    name.endsWith('.mlp.gate.weight') || isKernel(name) ? 'F32' : dtypeOf(shape, dtype);
  const alone = shapes
    .filter(([name]) => !stackOfExpert(name))
    .map(
      ([name, shape]): GgufSource => ({
        name: nameToGguf(family, name),
        shape: isKernel(name) ? [shape[0]!, shape[2]!] : shape,
        dtype: stored(name, shape),
        data: () => numbersInFile(family, architecture, weights, name),
      }),
    );
  const stacks = grouped(shapes.map(([name]) => name).filter(stackOfExpert), (name) => stackOfExpert(name)!.stack);
  const ofExperts = [...stacks].map(([name, names]): GgufSource => {
    const shape = [names.length, ...weights.shapes[names[0]!]!];
    return { name, shape, dtype: dtypeOf(shape, dtype), data: () => stacked(weights, names) };
  });
  const rope = (Object.entries(ropeFactors(architecture, family)) as [keyof RopeFactors, Float32Array][]).map(
    ([kind, factors]): GgufSource => ({
      name: factorTensors[kind],
      shape: [factors.length],
      dtype: 'F32',
      data: () => factors,
    }),
  );
  return [...rope, ...alone, ...ofExperts];
};

/**
 * Saves a model of any {@link ModelFamily} as one GGUF file, tokenizer and chat template within, for llama.cpp and what is built on it.
 * The file is written beside its place and renamed there; one tensor at a time is held.
 *
 * @param path of the file; it must end in `.gguf`
 * @throws RangeError when a parameter is missing or has another shape, and for what llama.cpp does not compute or GGUF has no place for: a window shorter than the context but in Gemma 3 and OLMo 3, dynamic RoPE scaling, LFM2 with biases, heads of another width than llama.cpp takes,
 *   tokenizers that are no BPE or are cut in a way llama.cpp has no name for; for Q8_0, numbers that are not finite; the file system's errors
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { causalLm, loadPretrained, saveGguf } from '@svo/models';
 * const lm = causalLm({
 *   model_type: 'qwen2', vocab_size: 16, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2, num_key_value_heads: 1,
 * });
 * const path = `${await mkdtemp(`${tmpdir()}/svo-`)}/small.gguf`;
 * await saveGguf(path, { lm, params: lm.init(1), dtype: 'Q8_0' });
 * (await loadPretrained(path)).lm.architecture.family; // => 'qwen2'
 * ```
 */
export const saveGguf = async (path: string, options: SaveGgufOptions): Promise<void> => {
  assertOptions('saveGguf', options, ['lm', 'params', 'tokenizer', 'dtype', 'mergeAdapters', 'name']);
  if (!path.endsWith('.gguf')) throw new RangeError(`saveGguf: path must end in .gguf, got ${path}`);
  const { lm, tokenizer, dtype = 'F16', name = path.replace(/^.*[\\/]/, '').replace(/\.gguf$/, '') } = options;
  checkDtype(dtype);
  const ofModel = metadataOfModel(lm, dtype, name);
  const weights = checkSaved('saveGguf', options);
  const metadata = {
    ...ofModel,
    ...(tokenizer
      ? metadataOfTokenizer(tokenizer, lm.architecture.vocabSize)
      : { 'tokenizer.ggml.model': string('none') }),
  };
  await writeWhole(path, ggufChunks(sourcesOf(lm.architecture, weights, dtype), metadata));
};
