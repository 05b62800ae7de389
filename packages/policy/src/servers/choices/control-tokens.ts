/** Tokens that end a turn or a text: a server may leave one in, at the end, where it is no word of the model's. */
const endTokens: readonly string[] = [
  '<|im_end|>',
  '<|endoftext|>',
  '<|eot_id|>',
  '<|end|>',
  '<|return|>',
  '<|eom_id|>',
  '<|end_of_text|>',
  '<|end_of_role|>',
  '<|END_OF_TURN_TOKEN|>',
  '<｜end▁of▁sentence｜>',
  '<end_of_turn>',
  '</s>',
];

/**
 * Control tokens of common chat templates. A step with one of them in its text would, on the next request, be read by
 * the server as the end of the turn or as words of the user: that is how a model's text takes over its own prompt.
 */
export const chatControlTokens: readonly string[] = [
  ...endTokens,
  '<|im_start|>',
  '<|begin_of_text|>',
  '<|start_header_id|>',
  '<|end_header_id|>',
  '<|user|>',
  '<|assistant|>',
  '<|system|>',
  '<|observation|>',
  '<|start|>',
  '<|message|>',
  '<|channel|>',
  '<|im_sep|>',
  '<|im_user|>',
  '<|start_of_role|>',
  '<|START_OF_TURN_TOKEN|>',
  '<｜User｜>',
  '<｜Assistant｜>',
  '<｜begin▁of▁sentence｜>',
  '<start_of_turn>',
  '[INST]',
  '[/INST]',
];

/** A text without the token that ended it, and whether there was one. Only tokens that would be refused in a step are taken off. */
export function withoutEndToken(text: string, specialTokens: readonly string[]): { text: string; ended: boolean } {
  const end = endTokens.find((token) => text.endsWith(token) && specialTokens.includes(token));
  return end === undefined ? { text, ended: false } : { text: text.slice(0, -end.length), ended: true };
}
