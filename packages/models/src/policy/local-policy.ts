/** A model on this machine as a `Policy`: thousands of requests a call, one batch after another. */
import {
  assertOptions,
  type Candidate,
  mergeCandidates,
  type Policy,
  type ProposeRequest,
  statePieces,
} from '@svo/mdp';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Params } from '../decoder/parameters.ts';
import { endsOf } from '../generation/decode-batch.ts';
import { generate } from '../generation/generate.ts';
import type { GenerateOptions, Generation } from '../generation/generation.ts';
import { checkSampling, type SamplingSettings, samplingKeys, samplingOf } from '../generation/sampling.ts';
import { grouped } from '../grouped.ts';
import type { Tokenizer } from '../tokenizer/types.ts';
import { localId } from './local-id.ts';

/** What a step looks like, of a step format: where it stops and whether it ends the response. */
export interface StepShape {
  /** Names what `isTerminal` does: the policy's id holds it. */
  readonly id?: string;
  readonly stop: readonly string[];
  readonly isTerminal: (step: string) => boolean;
}

/** A model, how it is sampled, and what a step is. */
export interface LocalPolicyOptions extends SamplingSettings {
  readonly lm: CausalLm;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  /** A step format of `@svo/mdp`. */
  readonly format: StepShape;
  /** The most tokens a step may have. */
  readonly maxTokens: number;
  /**
   * Names the weights. The policy's own `id` is this with a hash of the settings, the architecture, the adapters' scale, the tokenizer and
   * every weight, so that journals and caches know another temperature or another checkpoint from this one. On WebGPU it sees of the
   * weights the frozen matrices alone: put {@link weightsDigest} into the id there.
   */
  readonly id: string;
  /** The most rows decoded together; changes nothing but memory and speed. */
  readonly batchRows?: number;
}

/**
 * Ids and log-probs, where the ids spell the text and nothing else: a stop string that ended inside a token leaves text behind that
 * was drawn and is no part of the step. Special tokens, such as the one that ended the sequence, spell nothing.
 */
const exactDraw = (
  tokenizer: Tokenizer,
  text: string,
  { ids, logps }: Generation,
): { tokenIds?: readonly number[]; logps?: readonly number[] } =>
  tokenizer.continuation(ids) === text ? { tokenIds: ids, logps } : {};

const candidate = (format: StepShape, tokenizer: Tokenizer, generation: Generation): Candidate => {
  const { text = '', finish } = generation;
  const drawn = { text, ...exactDraw(tokenizer, text, generation), count: 1 };
  if (text === '')
    return {
      ...drawn,
      finish: 'error',
      failure: { kind: 'unparsable', message: 'the model ended the response without a step' },
    };
  if (format.isTerminal(text) || finish === 'end')
    return { ...drawn, finish: finish === 'length' ? 'length' : 'answer' };
  return { ...drawn, finish: finish === 'stop' ? 'step' : 'length' };
};

const known = [...samplingKeys, 'lm', 'params', 'tokenizer', 'format', 'maxTokens', 'id', 'batchRows'];

/**
 * A decoder as a `Policy`. Each request's prompt and steps are encoded piece by piece (as `@svo/data` encodes them for
 * training), distinct prefixes are read once, and all samples of all requests decode together. A request's candidates
 * depend on the request and its seed alone.
 *
 * A state's `draws` are read as they were drawn, so that what the model wrote is never tokenised again; steps without one are
 * encoded apart from each other, as `@svo/data` does for training.
 *
 * A candidate's `logps` are the model's own log-probs, whatever the temperature; where the last token is the end of
 * sequence, its id and log-prob are included and its text is not. A step cut inside a token has neither. `finish` is `answer` when the format says so or the
 * model ended the sequence, `step` at a stop string, `length` out of tokens, and `error` for an empty step.
 *
 * @throws RangeError for settings out of range
 * @example
 * ```ts
 * import { causalLm, characterTokenizer, localPolicy } from '@svo/models';
 * import { gsm8kFormat, initialState } from '@svo/mdp';
 * const tokenizer = characterTokenizer('0123456789+=#? \n');
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: tokenizer.vocabularySize, hidden_size: 8, intermediate_size: 16,
 *   num_hidden_layers: 1, num_attention_heads: 2, eos_token_id: tokenizer.eosId,
 * });
 * const policy = localPolicy({ lm, params: lm.init(1), tokenizer, format: gsm8kFormat, maxTokens: 8, id: 'random' });
 * const question = { id: 'q', prompt: '1+2=?\n' };
 * const candidates = await policy.propose({ question, state: initialState(question), count: 5, seed: 1 });
 * candidates.reduce((total, { count }) => total + count, 0); // => 5
 * ```
 */
export const localPolicy = (options: LocalPolicyOptions): Policy => {
  const { lm, params, tokenizer, format, maxTokens, id, batchRows } = options;
  assertOptions('localPolicy', options, known);
  checkSampling('localPolicy', options);
  if (tokenizer.vocabularySize > lm.architecture.vocabSize)
    throw new RangeError(
      `localPolicy: the tokenizer has ${tokenizer.vocabularySize} ids, the model's vocabulary ${lm.architecture.vocabSize} (do they belong together?)`,
    );
  const piecesOf = statePieces(tokenizer);
  const settings: Omit<GenerateOptions, 'seed' | 'samples'> = {
    maxTokens,
    tokenizer,
    stop: format.stop,
    stopIds: endsOf(lm, tokenizer),
    ...samplingOf(options),
    ...(batchRows !== undefined && { batchRows }),
  };

  const proposeMany = async (requests: readonly ProposeRequest[], signal?: AbortSignal): Promise<Candidate[][]> => {
    if (requests.length === 0) return [];
    const answers: Candidate[][] = new Array(requests.length);
    // `generate` draws equally many samples a prompt, so requests are taken together by how many they want.
    for (const [samples, group] of grouped(requests.keys(), (index) => requests[index]!.count)) {
      const prompts = group.map((index) => piecesOf(requests[index]!).flat());
      const seed = group.map((index) => requests[index]!.seed);
      const drawn = await generate(lm, params, prompts, { ...settings, samples, seed, ...(signal && { signal }) });
      group.forEach((index, place) => {
        answers[index] = mergeCandidates(drawn[place]!.map((one) => candidate(format, tokenizer, one)));
      });
    }
    return answers;
  };

  const { temperature = 1, topK, topP = 1 } = options;
  const drawing = { maxTokens, format: format.id, stop: format.stop, temperature, topK, topP };
  return {
    id: localId(id, drawing, options),
    proposeMany,
    propose: async (request, signal) => (await proposeMany([request], signal))[0]!,
  };
};
