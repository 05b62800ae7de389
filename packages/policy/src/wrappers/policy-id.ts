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
  readonly logps?: 'required' | 'optional' | 'none' | undefined;
  readonly fanOut?: boolean | undefined;
  readonly seeded?: boolean | undefined;
}

/** What makes a prompt of a question and a state. */
type Asking = (question: Question, state: State) => unknown;

/** Questions and states that functions are tried on: at the beginning, behind a step and behind several, with an answer and without. */
const probes: readonly (readonly [Question, State])[] = [
  [],
  ['2 + 3 = 5\n\n'],
  ['2 + 3 = 5\n\n', 'So it is 5.\n\n'],
].flatMap((steps): [Question, State][] => [
  [
    { id: 'question', prompt: 'What is 2 + 3?', answer: '5' },
    { questionId: 'question', steps },
  ],
  [
    { id: 'other', prompt: 'Name a prime.\n\nBe “short”, please:' },
    { questionId: 'other', steps },
  ],
]);

/**
 * What a function makes of some questions: two that write something else there are two. Where it can't be asked it is known by its own
 * text, so that two that fail alike are not taken for one.
 */
const written = (ask: Asking | undefined): readonly string[] | undefined =>
  ask &&
  probes.map(([question, state]) => {
    try {
      return canonicalJson(ask(question, state) ?? null);
    } catch {
      return `unknown: ${ask}`;
    }
  });

/** A prompt function's part of an id. */
export const promptId = (ask: Asking): string => contentHash(written(ask) ?? null).slice(0, 12);

/** An id from what decides the distribution: the model, the prompt's form and the sampling settings. */
export function policyId(kind: string, identity: Identity): string {
  const { model, format, endpoint, maxTokens, temperature, topP, topK, minP, system, extraBody } = identity;
  const { continueFlag, specialTokens, prompt, messages } = identity;
  // Which draws are lost for want of log-probs, and which seed each draw has. What is usual is left out.
  const { logps = 'required', fanOut = false, seeded = true } = identity;
  const asking = {
    logps: logps === 'required' ? undefined : logps,
    fanOut: fanOut || undefined,
    seeded: seeded ? undefined : false,
  };
  const settings = { model, format, endpoint, maxTokens, temperature, topP, topK, minP, system, extraBody };
  const asked = { continueFlag, specialTokens, prompt: written(prompt), messages: written(messages) };
  return `${kind}:${model}:${contentHash({ ...settings, ...asking, ...asked }).slice(0, 12)}`;
}
