/** A causal model's parameters under ggml's names and under Hugging Face's (gguf-py, tensor_mapping.py), and the order of rotated rows. */
import { partName } from '../decoder/parameters.ts';
import type { GgufFamily } from './families/gguf-family.ts';

const outside: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

const inLayer: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

const outsideOf = (family: GgufFamily): Readonly<Record<string, string>> => ({ ...outside, ...family.outside });

const partsOf = ({ parts }: GgufFamily): Readonly<Record<string, string>> => ({ ...inLayer, ...parts });

/** `blk.3.attn_q.weight` as `model.layers.3.self_attn.q_proj.weight`; a name that is not known stays as it is. */
export const nameFromGguf = (family: GgufFamily, name: string): string => {
  const alone = outsideOf(family);
  if (Object.hasOwn(alone, name)) return alone[name]!;
  const [, layer, part, kind] = /^blk\.(\d+)\.([\w.]+)\.(weight|bias)$/.exec(name) ?? [];
  const parts = partsOf(family);
  return part !== undefined && Object.hasOwn(parts, part) ? `model.layers.${layer}.${parts[part]}.${kind}` : name;
};

/** The other way round. */
export const nameToGguf = (family: GgufFamily, name: string): string => {
  const [, layer, part, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const named = Object.entries(part === undefined ? outsideOf(family) : partsOf(family));
  const suffixed = part ?? name;
  // A family's own names come last, and before Llama's.
  const found = named.findLast(([, ours]) => ours === suffixed)?.[0];
  if (found === undefined) throw new RangeError(`gguf: parameter ${name} has no name there`);
  return part === undefined ? found : `blk.${layer}.${found}.${kind}`;
};

/** The matrices of a layer's experts, which ggml keeps in one tensor `[E, out, in]` each, and ours. */
const stackedParts = { ffn_gate_exps: 'gate_proj', ffn_up_exps: 'up_proj', ffn_down_exps: 'down_proj' } as const;

/** Of `blk.3.ffn_up_exps.weight`: what its experts' matrices are called here; undefined for tensors that are no such stack. */
export const expertsInGguf = (name: string): ((expert: number) => string) | undefined => {
  const [, layer, part] = /^blk\.(\d+)\.(ffn_(?:gate|up|down)_exps)\.weight$/.exec(name) ?? [];
  if (part === undefined) return undefined;
  return (expert) =>
    `${partName(Number(layer), 'mlp.experts', String(expert), stackedParts[part as keyof typeof stackedParts])}.weight`;
};

/** The stack an expert's matrix goes into, and its place there; undefined for parameters of no expert. */
export const stackOfExpert = (name: string): { readonly stack: string; readonly expert: number } | undefined => {
  const [, layer, expert, kind] = /^model\.layers\.(\d+)\.mlp\.experts\.(\d+)\.(\w+)\.weight$/.exec(name) ?? [];
  const part = Object.entries(stackedParts).find(([, ours]) => ours === kind)?.[0];
  return part === undefined ? undefined : { stack: `blk.${layer}.${part}.weight`, expert: Number(expert) };
};

/** Whether a parameter is a short convolution's kernel, which has an axis of one channel in Hugging Face's shape and none in ggml's. */
export const isKernel = (name: string): boolean => name.endsWith('.conv.conv.weight');

/** Whether a parameter is the weight of a norm. */
export const isNorm = (name: string): boolean => name.endsWith('norm.weight');

/** Whether a parameter's rows are a query's or key's, which the rotation pairs: neighbours in ggml's Llama, half a head apart in Hugging Face's. */
export const isRotated = (name: string): boolean => /\.self_attn\.[qk]_proj\.(weight|bias)$/.test(name);

/**
 * Rows of heads put in another order: from neighbours (ggml's Llama) to half a head apart (Hugging Face), or back. Rows are whole blocks, so
 * that this works on stored bytes too.
 *
 * @param bytes all rows of a matrix, or a bias
 * @param heads what the rows divide into
 * @param rows how many there are
 */
export const reordered = (
  bytes: Uint8Array,
  { rows, heads }: { readonly rows: number; readonly heads: number },
  to: 'halves' | 'neighbours',
): Uint8Array => {
  const [width, headRows] = [bytes.length / rows, rows / heads];
  const result = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    const [head, at] = [Math.floor(row / headRows), row % headRows];
    // The row that lies half a head apart as `at` is a neighbour at `paired`.
    const paired = head * headRows + 2 * (at % (headRows / 2)) + (at < headRows / 2 ? 0 : 1);
    const [from, into] = to === 'halves' ? [paired, row] : [row, paired];
    result.set(bytes.subarray(from * width, (from + 1) * width), into * width);
  }
  return result;
};
