/** A causal model's parameters under ggml's names and under Hugging Face's (gguf-py, tensor_mapping.py), and the order of rotated rows. */

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

const toGguf: ReadonlyMap<string, string> = new Map([
  ...Object.entries(outside).map(([theirs, ours]): [string, string] => [ours, theirs]),
  ...Object.entries(inLayer).map(([theirs, ours]): [string, string] => [ours, theirs]),
]);

/** `blk.3.attn_q.weight` as `model.layers.3.self_attn.q_proj.weight`; a name that is not known stays as it is. */
export const nameFromGguf = (name: string): string => {
  if (Object.hasOwn(outside, name)) return outside[name]!;
  const [, layer, part, kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
  return part !== undefined && Object.hasOwn(inLayer, part) ? `model.layers.${layer}.${inLayer[part]}.${kind}` : name;
};

/** The other way round. */
export const nameToGguf = (name: string): string => {
  const [, layer, part, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const found = toGguf.get(part ?? name);
  if (found === undefined) throw new RangeError(`gguf: parameter ${name} has no name there`);
  return part === undefined ? found : `blk.${layer}.${found}.${kind}`;
};

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
