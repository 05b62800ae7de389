import { existsSync, statSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/** Where a model is. */
export type Place =
  | { readonly kind: 'folder' | 'gguf' | 'hub'; readonly path: string }
  | { readonly kind: 'openai'; readonly url: string }
  | { readonly kind: 'tinker'; readonly url: string; readonly baseModel: string };

/** Whether a model's weights are here, or can be fetched. */
export const isLocal = (place: Place): place is Extract<Place, { readonly path: string }> =>
  place.kind !== 'openai' && place.kind !== 'tinker';

/**
 * What a configuration's `model` or `policy` means.
 *
 * @throws UsageError for what is none of them, naming them
 */
export function placeOf(key: string, text: string): Place {
  if (/^https?:\/\//.test(text)) return { kind: 'openai', url: text };
  if (text.startsWith('tinker://')) return tinkerPlace(key, text);
  if (existsSync(text)) return { kind: statSync(text).isDirectory() ? 'folder' : 'gguf', path: text };
  if (/^[\w.-]+\/[\w.-]+$/.test(text) && !text.startsWith('.') && !text.endsWith('.gguf'))
    return { kind: 'hub', path: text };
  throw new UsageError(
    `${key}: there is no '${text}' here; expected a model folder, a .gguf file, a name on the Hub (org/name), http://… or tinker://…`,
  );
}

/** `tinker://host:port/org/model`; a port of 443, or none, means https. */
function tinkerPlace(key: string, text: string): Place {
  const [, host, port, baseModel] = /^tinker:\/\/([^/:]+)(?::(\d+))?\/(.+)$/.exec(text) ?? [];
  if (host === undefined || baseModel === undefined)
    throw new UsageError(`${key}: must be tinker://host:port/org/model, got '${text}'`);
  const secure = port === undefined || port === '443';
  return {
    kind: 'tinker',
    url: `${secure ? 'https' : 'http'}://${host}${port === undefined ? '' : `:${port}`}`,
    baseModel,
  };
}

/** A model on a server that trains it. */
export type TinkerPlace = Extract<Place, { readonly kind: 'tinker' }>;

/** A model that can be trained: weights that are here, or can be fetched, or a Tinker server's. */
export function trainablePlace(key: string, text: string): Exclude<Place, { readonly kind: 'openai' }> {
  const place = placeOf(key, text);
  if (place.kind === 'openai')
    throw new UsageError(
      `${key}: the weights behind ${place.url} can't be trained; give a model folder, a .gguf file or a name on the Hub, and the server as 'policy' (who draws the solutions)`,
    );
  return place;
}
