/** A value head or a value network on this machine as a `ValueModel`. */
import { assertOptions, statePieces, type ValueModel } from '@svo/mdp';
import { type Tensor, tf } from '@svo/tensor';
import { hiddenRows } from '../decoder/decoder.ts';
import { rowValues, type ValueHead } from '../decoder/head/value-head.ts';
import type { Params } from '../decoder/parameters.ts';
import { angleGroup } from '../decoder/rotary/rope.ts';
import { breather } from '../generation/breather.ts';
import { paddedIds } from '../generation/padded-ids.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { localId } from './local-id.ts';

/** A value model and how it reads states. */
export interface LocalValueModelOptions {
  /** From `valueHead` or `valueNetwork`. */
  readonly head: Pick<ValueHead, 'lm' | 'activation'>;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  /** Names the weights; the model's own `id` is this with a hash of all that decides a value, as `localPolicy`'s. */
  readonly id: string;
  /**
   * A step format: the last step is read without its delimiter, because training puts a step's value on the last token
   * that is scored. Leave it out where delimiters were scored.
   */
  readonly format?: { readonly delimiterLength: (step: string) => number };
  /** The most tokens, padding included, in one pass; 16,384 by default. */
  readonly batchTokens?: number;
}

/**
 * V(s): the value at the last token of the question and its steps. Equal states are computed once; a state's value doesn't
 * depend on the others of a call.
 *
 * @throws RangeError, from `values`, when a state belongs to another question or is empty
 * @example
 * ```ts
 * import { initialState } from '@svo/mdp';
 * import { characterTokenizer, localValueModel, valueNetwork } from '@svo/models';
 * const tokenizer = characterTokenizer('0123456789+?');
 * const head = valueNetwork({
 *   model_type: 'llama', vocab_size: tokenizer.vocabularySize, hidden_size: 8, intermediate_size: 16,
 *   num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const model = localValueModel({ head, params: head.init(1), tokenizer, id: 'untrained' });
 * const question = { id: 'q', prompt: '1+2?' };
 * const [value] = await model.values([{ question, state: initialState(question) }]);
 * Math.abs(value!) < 1; // => true
 * ```
 */
export const localValueModel = (options: LocalValueModelOptions): ValueModel => {
  assertOptions('localValueModel', options, ['head', 'params', 'tokenizer', 'id', 'format', 'batchTokens']);
  const { head, params, tokenizer, id, format, batchTokens = 16_384 } = options;
  const piecesOf = statePieces(tokenizer);
  const { activation } = head;
  const { decoder } = head.lm;
  const { rope } = head.lm.architecture;

  const readBatch = async (prompts: readonly (readonly number[])[]): Promise<ArrayLike<number>> => {
    const output: Tensor = tf.tidy(() => {
      const ids = paddedIds(prompts);
      const ends = prompts.map((prompt, row) => row * ids.shape[1]! + prompt.length - 1);
      return rowValues(params, hiddenRows(decoder, params, ids, { rows: tf.tensor1d(ends, 'int32') }), activation);
    });
    const values = await output.data();
    output.dispose();
    return values;
  };

  const values: ValueModel['values'] = async (requests, signal) => {
    const prompts = new Map<string, { ids: readonly number[]; value: number }>();
    const keys = requests.map(({ question, state }) => {
      const last = state.steps.at(-1);
      const body = last === undefined || !format ? last : last.slice(0, last.length - format.delimiterLength(last));
      const read = body === undefined ? state : { ...state, steps: [...state.steps.slice(0, -1), body] };
      const ids = piecesOf({ question, state: read }).flat();
      if (ids.length === 0) throw new RangeError(`localValueModel: question '${question.id}' must not be empty`);
      const key = ids.join();
      if (!prompts.has(key)) prompts.set(key, { ids, value: Number.NaN });
      return key;
    });
    const breathe = breather();
    const waiting = [...prompts.values()].sort((a, b) => a.ids.length - b.ids.length);
    while (waiting.length > 0) {
      await breathe();
      signal?.throwIfAborted();
      const fit = Math.max(1, Math.floor(batchTokens / waiting.at(-1)!.ids.length));
      const group = angleGroup(rope, waiting.at(-1)!.ids.length);
      const from = waiting.findLastIndex(({ ids }) => angleGroup(rope, ids.length) !== group) + 1;
      const batch = waiting.splice(Math.max(from, waiting.length - fit));
      const results = await readBatch(batch.map(({ ids }) => ids));
      batch.forEach((entry, index) => {
        entry.value = results[index]!;
      });
    }
    return keys.map((key) => prompts.get(key)!.value);
  };

  const reading = { activation, delimiters: format && delimiterProbes.map((step) => format.delimiterLength(step)) };
  return { id: localId(id, reading, { lm: head.lm, params, tokenizer }), values };
};

/** Steps by whose delimiters a format is known: it is a function, and says no more of itself. */
const delimiterProbes = ['a', 'a ', 'a\n', 'a\n\n', 'a\n\n\n', 'a. ', 'a</step>', 'a</step>\n', 'a\n\n#### 5', 'a;'];
