import { contentHash } from '@svo/mdp';

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
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined;
}

/** An id from what decides the distribution: the model, the prompt's form and the sampling settings. */
export function policyId(kind: string, identity: Identity): string {
  const { model, format, endpoint, maxTokens, temperature, topP, topK, minP, system, extraBody } = identity;
  const settings = { model, format, endpoint, maxTokens, temperature, topP, topK, minP, system, extraBody };
  return `${kind}:${model}:${contentHash(settings).slice(0, 12)}`;
}
