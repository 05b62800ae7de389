import { canonicalJson, contentHash, type Question, type State } from '@svo/mdp';

/** What an id may be made of. Addresses, keys and headers are not in the list, so they can't get into an id. */
interface Identity {
  readonly model: string;
  readonly format: string;
  readonly endpoint: string;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  readonly system?: string | undefined;
  readonly continueFlag?: unknown;
  readonly specialTokens?: readonly string[] | undefined;
  readonly prompt?: Asking | undefined;
  readonly messages?: Asking | undefined;
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined;
}

/** What makes a prompt of a question and a state. */
type Asking = (question: Question, state: State) => unknown;

/** What a function makes of one question: two that write something else there are two. Of one that can't be asked nothing is known. */
const written = (ask: Asking | undefined): string | undefined => {
  if (ask === undefined) return undefined;
  const question = { id: 'question', prompt: 'What is 2 + 3?', answer: '5' };
  try {
    return canonicalJson(ask(question, { questionId: 'question', steps: ['2 + 3 = 5\n\n'] }) ?? null);
  } catch {
    return 'unknown';
  }
};

/** A prompt function's part of an id. */
export const promptId = (ask: Asking): string => contentHash(written(ask) ?? null).slice(0, 12);

/** An id from what decides the distribution: the model, the prompt's form and the sampling settings. */
export function policyId(kind: string, identity: Identity): string {
  const { model, format, endpoint, maxTokens, temperature, topP, topK, minP, system, extraBody } = identity;
  const { continueFlag, specialTokens, prompt, messages } = identity;
  const settings = { model, format, endpoint, maxTokens, temperature, topP, topK, minP, system, extraBody };
  const asked = { continueFlag, specialTokens, prompt: written(prompt), messages: written(messages) };
  return `${kind}:${model}:${contentHash({ ...settings, ...asked }).slice(0, 12)}`;
}
