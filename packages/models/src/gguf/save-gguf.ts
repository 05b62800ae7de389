/** A model as a GGUF file: what was trained here runs in llama.cpp, Ollama and LM Studio. */
import { type GgufSource, ggufChunks, type WritableGgmlType, writeWhole } from '@svo/files';
import { assertOptions } from '@svo/mdp';
import type { CausalLm } from '../decoder/causal-lm.ts';
import { type Params, parameterShapes } from '../decoder/parameters.ts';
import { checkSaved } from '../folders/check-saved.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { ggufFamily, metadataOfModel, ropeFactors, string } from './metadata-of-model.ts';
import { isRotated, nameToGguf, reordered } from './tensor-names.ts';
import { metadataOfTokenizer } from './tokenizer-metadata.ts';

/** What to save and how. */
export interface SaveGgufOptions {
  readonly lm: CausalLm;
  readonly params: Params;
  /** Goes into the file with its chat template; without it llama.cpp can be given ids alone. */
  readonly tokenizer?: Tokenizer | undefined;
  /** How matrices are stored: F16 by default, BF16, Q8_0 or Q4_0 (8 or 4 bits and a scale a block of 32), or F32. Norms and biases are F32, as llama.cpp wants them. */
  readonly dtype?: WritableGgmlType;
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

const sourcesOf = ({ lm, params, dtype = 'F16' }: SaveGgufOptions): GgufSource[] => {
  const { architecture } = lm;
  const family = ggufFamily(architecture);
  const sources = Object.entries(parameterShapes(architecture)).map(([name, shape]): GgufSource => {
    const heads = name.includes('.q_proj.') ? architecture.heads : architecture.keyValueHeads;
    return {
      name: nameToGguf(name),
      shape,
      dtype: dtypeOf(shape, dtype),
      data: async () => {
        const values = (await params[name]!.data()) as Float32Array;
        if (family !== 'llama' || !isRotated(name)) return values;
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        return new Float32Array(reordered(bytes, { rows: shape[0]!, heads }, 'neighbours').buffer);
      },
    };
  });
  const factors = ropeFactors(architecture);
  const rope: GgufSource[] = factors
    ? [{ name: 'rope_freqs.weight', shape: [factors.length], dtype: 'F32', data: () => factors }]
    : [];
  return [...rope, ...sources];
};

/**
 * Saves a model of the Llama, Mistral, Qwen2 or Qwen3 family as one GGUF file, tokenizer and chat template within, for llama.cpp and what is built on it.
 * The file is written beside its place and renamed there; one tensor at a time is held.
 *
 * @param path of the file; it must end in `.gguf`
 * @throws RangeError when a parameter is missing or has another shape, and for what GGUF has no place for: sliding windows shorter than the context, dynamic RoPE scaling,
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
  assertOptions('saveGguf', options, ['lm', 'params', 'tokenizer', 'dtype', 'name']);
  if (!path.endsWith('.gguf')) throw new RangeError(`saveGguf: path must end in .gguf, got ${path}`);
  checkSaved('saveGguf', options);
  const { lm, tokenizer, dtype = 'F16', name = path.replace(/^.*[\\/]/, '').replace(/\.gguf$/, '') } = options;
  checkDtype(dtype);
  const metadata = {
    ...metadataOfModel(lm, dtype, name),
    ...(tokenizer
      ? metadataOfTokenizer(tokenizer, lm.architecture.vocabSize)
      : { 'tokenizer.ggml.model': string('none') }),
  };
  await writeWhole(path, ggufChunks(sourcesOf(options), metadata));
};
