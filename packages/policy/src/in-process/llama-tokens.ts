/** A question and its steps as a GGUF's tokens, each step's apart, so that what was drawn is read as it was drawn. */
import type { State } from '@svo/mdp';
import type { LlamaModel } from './llama-context.ts';

/** The tokens of a prompt, and those of each step. */
export interface StateTokens {
  readonly prompt: readonly number[];
  readonly steps: readonly (readonly number[])[];
}

/** What tokens spell behind others. */
export const spelling = (model: LlamaModel, ids: readonly number[], before: readonly number[] = []): string =>
  model.detokenize(ids as never, false, before as never);

/**
 * Bos where the model wants one, the prompt, then each step: the ids that were drawn for it where the state knows them and they spell
 * it, else its text's. Steps are encoded apart, as training rows are. What stands in a text is text: control tokens are not parsed.
 */
export function stateTokens(model: LlamaModel, prompt: string, state: State): StateTokens {
  const { bos, shouldPrependBosToken } = model.tokens;
  const first = [...(bos !== null && shouldPrependBosToken ? [bos] : []), ...model.tokenize(prompt, false)];
  let before = first;
  const steps = state.steps.map((step, index) => {
    const drawn = state.draws?.[index]?.tokenIds ?? [];
    const isOwn = drawn.length > 0 && spelling(model, drawn, before) === step;
    const ids = isOwn ? drawn : model.tokenize(step, false, 'trimLeadingSpace');
    before = [...before, ...ids];
    return ids;
  });
  return { prompt: first, steps };
}
