import {
  assertOptions,
  type Candidate,
  type Policy,
  type ProposeRequest,
  type Question,
  type StepFormat,
} from '@svo/mdp';
import { failureOf } from '../http/errors.ts';
import { toCandidate } from '../servers/choices/choice.ts';
import { chatControlTokens } from '../servers/choices/control-tokens.ts';
import type { ChoiceRules } from '../servers/choices/raw-choice.ts';
import { defaults } from '../servers/defaults.ts';
import { type SamplingOptions, samplingOptions } from '../servers/openai/openai-request.ts';
import { failedCandidates } from '../wrappers/candidates.ts';
import { drawOnce } from '../wrappers/draw-once.ts';
import { policyId } from '../wrappers/policy-id.ts';
import type { LlamaContext, LlamaModel, LlamaSequence } from './llama-context.ts';
import { checkRoom, drawTokens, type LlamaSampling, logpsFrom } from './llama-reading.ts';
import { spelling, stateTokens } from './llama-tokens.ts';
import { withSequence } from './sequences.ts';

/** Options of `nodeLlamaPolicy`. */
export interface NodeLlamaPolicyOptions extends SamplingOptions {
  /** A `LlamaContext` of node-llama-cpp. Requests go side by side up to its `sequences`. */
  readonly context: LlamaContext;
  /** Names the weights: the id tells policies apart by it. */
  readonly model: string;
  /** How a response is cut into steps; its stop strings end a candidate. */
  readonly format: StepFormat;
  /** The text before the steps. Default: the question's prompt. */
  readonly prompt?: (question: Question) => string;
  /** Texts that must not stand in a step. Default: the control tokens of common chat templates. */
  readonly specialTokens?: readonly string[];
  /** Overrides the derived id, in which `prompt` is known by what it makes of some questions. */
  readonly id?: string;
}

const own = ['context', 'model', 'format', 'prompt', 'specialTokens', 'id'];

/**
 * Any GGUF as a policy, in this process, on the user's own GPU or CPU, by node-llama-cpp (3.22). Candidates carry the ids of their tokens
 * and the log-probs of the model's own distribution, whatever the temperature: what was drawn is read once more in one pass for them.
 * The token that ended the sequence is in neither. Steps are judged by the rules of `openaiPolicy`.
 *
 * A request's draws depend on the request and its seed alone: its prompt is read anew, its samples one after the other. With a context of
 * one sequence they repeat exactly; with more, llama.cpp reads requests together and rounds by how many there are.
 *
 * @throws RangeError for options that can't work, unknown ones included
 * @example
 * ```ts
 * import { blankLineFormat, type Policy } from '@svo/mdp';
 * import { type NodeLlamaPolicyOptions, nodeLlamaPolicy } from '@svo/policy';
 * // const llama = await getLlama();
 * // const model = await llama.loadModel({ modelPath: 'SmolLM2-135M-Instruct.Q4_1.gguf' });
 * // const context = await model.createContext({ sequences: 4, contextSize: 2048 });
 * const policyOf = (context: NodeLlamaPolicyOptions['context']): Policy =>
 *   nodeLlamaPolicy({ context, model: 'SmolLM2-135M-Instruct.Q4_1', format: blankLineFormat, maxTokens: 64 });
 * typeof policyOf; // => 'function'
 * ```
 */
export function nodeLlamaPolicy(options: NodeLlamaPolicyOptions): Policy {
  assertOptions('nodeLlamaPolicy', options, [...samplingOptions, ...own]);
  const { context, format, maxTokens = defaults.maxTokens, prompt = ({ prompt: text }: Question) => text } = options;
  const sampling = samplingOf(options);
  const { model } = context;
  const rules: ChoiceRules = { format, logps: 'required', specialTokens: options.specialTokens ?? chatControlTokens };

  const draws = async (
    { question, state, count, seed }: ProposeRequest,
    sequence: LlamaSequence,
    signal: AbortSignal | undefined,
  ): Promise<Candidate[]> => {
    const { prompt: first, steps } = stateTokens(model, prompt(question), state);
    const before = [...first, ...steps.flat()];
    checkRoom(sequence, before.length + maxTokens);
    const candidates: Candidate[] = [];
    const isDone = (drawn: readonly number[]): boolean =>
      model.isEogToken(drawn.at(-1)! as never) || stopped(spelling(model, drawn, before), format) !== undefined;
    for (let sample = 0; sample < count; sample++) {
      const all = await drawTokens(sequence, before, { seed, sample, most: maxTokens, sampling }, isDone, signal);
      const ended = model.isEogToken(all.at(-1)! as never);
      const tokenIds = ended ? all.slice(0, -1) : all;
      const logps = await logpsFrom(sequence, [...before, ...tokenIds], before.length, signal);
      const tokens = pieces(model, tokenIds, before).map((text) => ({ text }));
      const text = tokens.map((token) => token.text).join('');
      const stop = ended ? undefined : stopped(text, format);
      const finishReason = ended ? 'eos' : stop === undefined ? 'length' : 'stop_sequence';
      const choice = { index: sample, text, finishReason, tokens, logps, tokenIds };
      candidates.push(toCandidate(choice, rules).candidate);
    }
    return candidates;
  };

  const policy: Policy = {
    id: options.id ?? policyId('node-llama', { ...options, format: format.id, endpoint: 'in-process' }),
    propose: async (request, signal) => {
      try {
        return await withSequence(context, (sequence) => draws(request, sequence, signal));
      } catch (error) {
        return failedCandidates(request.count, failureOf(error));
      }
    },
  };
  return sampling.temperature === 0 ? drawOnce(policy) : policy;
}

/** The stop string a text holds, if any. */
const stopped = (text: string, { stop }: StepFormat): string | undefined => stop.find((one) => text.includes(one));

/** What each token adds to the text; a character's tokens before its last one add nothing. */
function pieces(model: LlamaModel, ids: readonly number[], before: readonly number[]): readonly string[] {
  let text = '';
  return ids.map((_, index) => {
    const now = spelling(model, ids.slice(0, index + 1), before);
    if (index + 1 < ids.length && now.endsWith('\ufffd')) return '';
    const piece = now.slice(text.length);
    text = now;
    return piece;
  });
}

function samplingOf({
  temperature = defaults.temperature,
  topK,
  topP = 1,
  minP = 0,
  maxTokens = defaults.maxTokens,
}: SamplingOptions): LlamaSampling {
  const check = (name: string, value: number, isGood: boolean, due: string): void => {
    if (!isGood) throw new RangeError(`nodeLlamaPolicy: ${name} must be ${due}, got ${value}`);
  };
  check('maxTokens', maxTokens, Number.isInteger(maxTokens) && maxTokens > 0, 'an integer ≥ 1');
  check('temperature', temperature, temperature >= 0 && Number.isFinite(temperature), '≥ 0 and finite (0 is greedy)');
  check('topK', topK ?? 1, topK === undefined || (Number.isInteger(topK) && topK > 0), 'an integer ≥ 1');
  check('topP', topP, topP > 0 && topP <= 1, 'in (0, 1]');
  check('minP', minP, minP >= 0 && minP < 1, 'in [0, 1)');
  return { temperature, topK: topK ?? 0, topP, minP };
}
