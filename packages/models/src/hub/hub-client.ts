/** The two questions that are asked of the Hub: what a revision holds, and a file's bytes. */
import type { HubSettings } from './hub-settings.ts';

/** A model on the Hub at a revision. */
export interface HubModel {
  /** `org/name`. */
  readonly name: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

/** What a revision is and holds. */
export interface HubContent {
  /** The commit, 40 hex digits. */
  readonly commit: string;
  readonly files: readonly string[];
}

/** What a file is before it is fetched. */
export interface HubFile {
  /** SHA-256 of a large file, or git's SHA-1 of a small one: the name of its blob, and the check of its content. */
  readonly etag: string;
  readonly size: number;
}

const maxInfoBytes = 50_000_000;

const fail = (message: string): never => {
  throw new RangeError(`loadPretrained: ${message}`);
};

const headers = ({ token }: HubSettings): Record<string, string> => ({
  // Ranges and sizes are those of the file itself.
  'accept-encoding': 'identity',
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
});

const coded = (revision: string): string => encodeURIComponent(revision);

/** Sends a request; what goes wrong on the way is an error that shows neither headers nor token. */
const ask = async (url: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
    return fail(
      `${new URL(url).origin} could not be reached (${typeof code === 'string' ? code : 'the connection failed'}); with HF_HUB_OFFLINE=1 what is in the cache is used`,
    );
  }
};

/** The error for an answer that is not the file or the list asked for. */
const refused = ({ name, revision }: HubModel, what: string, status: number): never => {
  const why =
    status === 401 || status === 403 || status === 404
      ? 'there is no such folder here, and no such model or file there, or it is not open to you (is the name right? is HF_TOKEN set, and the model’s licence accepted?)'
      : 'try again later';
  return fail(`${name}: ${what} at revision ${revision}: the Hub answered ${status}; ${why}`);
};

const textOf = async (response: Response, what: string): Promise<string> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxInfoBytes) fail(`${what}: the Hub's answer must be at most ${maxInfoBytes} bytes`);
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
};

/**
 * The commit a revision stands for, and the names of its files.
 * @throws RangeError for a model that is not there, a Hub that cannot be reached or does not answer as one
 */
export const hubContent = async (settings: HubSettings, model: HubModel): Promise<HubContent> => {
  const url = `${settings.endpoint}/api/models/${model.name}/revision/${coded(model.revision)}`;
  const response = await ask(url, { headers: headers(settings) });
  if (!response.ok) return refused(model, 'its files', response.status);
  const info: unknown = await textOf(response, model.name)
    .then(JSON.parse)
    .catch(() => undefined);
  const { sha, siblings } = (info ?? {}) as { sha?: unknown; siblings?: unknown };
  if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings))
    return fail(`${model.name}: the answer of ${new URL(url).origin} is not a list of a model's files`);
  const files = siblings.flatMap((entry: unknown) => {
    const name = (entry as { rfilename?: unknown } | null)?.rfilename;
    return typeof name === 'string' ? [name] : [];
  });
  return { commit: sha, files };
};

const addressOf = ({ endpoint }: HubSettings, { name }: HubModel, commit: string, file: string): string =>
  `${endpoint}/${name}/resolve/${commit}/${encodeURIComponent(file)}`;

const mostRedirects = 5;

/** A file's hash and size, from the headers of the first answer that has them: that of a store behind the Hub knows neither. */
export const hubFile = async (
  settings: HubSettings,
  model: HubModel,
  commit: string,
  file: string,
): Promise<HubFile> => {
  let url = addressOf(settings, model, commit, file);
  for (let turn = 0; turn < mostRedirects; turn++) {
    const response = await ask(url, { method: 'HEAD', redirect: 'manual', headers: headers(settings) });
    if (response.status >= 400) return refused(model, file, response.status);
    const etag = (response.headers.get('x-linked-etag') ?? response.headers.get('etag') ?? '')
      .replace(/^W\//, '')
      .replaceAll('"', '');
    const size = Number(response.headers.get('x-linked-size') ?? response.headers.get('content-length') ?? Number.NaN);
    const here = response.status < 300 || response.headers.has('x-linked-etag');
    if (here && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(etag) && Number.isSafeInteger(size)) return { etag, size };
    const next = response.headers.get('location');
    const target = next === null || !URL.canParse(next, url) ? undefined : new URL(next, url);
    // A model that was renamed is found under its new name; the token goes to no other host.
    if (here || target?.origin !== new URL(url).origin) break;
    url = target.href;
  }
  return fail(`${model.name}: the Hub does not say hash and size of ${file}`);
};

/**
 * A file's bytes from `start` on. Where the server sends all of it instead, `start` comes back as 0.
 * A redirect to a store on another host is followed without the token, as `fetch` does.
 */
export const hubBytes = async (
  settings: HubSettings,
  model: HubModel,
  { commit, file, start, size }: { commit: string; file: string; start: number; size: number },
): Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly start: number }> => {
  const range = start > 0 ? { range: `bytes=${start}-` } : {};
  const response = await ask(addressOf(settings, model, commit, file), { headers: { ...headers(settings), ...range } });
  if (!response.ok || !response.body) return refused(model, file, response.status);
  const said = response.status === 206 ? response.headers.get('content-range') : undefined;
  if (said !== undefined && said !== `bytes ${start}-${size - 1}/${size}`)
    return fail(`${model.name}: the Hub sent another part of ${file} than was asked for`);
  return { body: response.body as unknown as AsyncIterable<Uint8Array>, start: said === undefined ? 0 : start };
};
